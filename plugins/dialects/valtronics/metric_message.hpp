// SPDX-License-Identifier: Apache-2.0
// A message with an object of metrics, and where each metric stands in it: so that a part of them is cut out without
// reading JSON again. Any thread.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "filter.hpp"

namespace valtronics {

inline constexpr std::size_t most_metrics = 1000;  // in one message

// Which metrics of a message.
using Mask = std::vector<bool>;
bool none(const Mask& mask);
bool all(const Mask& mask);
void merge(Mask& into, const Mask& from);

// Puts a message together.
class MetricWriter {
 public:
  // head: the message up to and with the bracket that opens the metrics.
  explicit MetricWriter(std::string_view head) : body_(head) {}
  // name: a JSON string as quote() makes it, not yet in use; value: JSON.
  void add(std::string_view name, std::string_view value);
  void finish(std::string_view tail) { body_ += tail; }

  const std::string& body() const { return body_; }
  // For MetricMessage.
  const std::string& places() const { return places_; }

 private:
  std::string body_, places_;
};

// Views the body. What `places` says is checked against the body's size only.
class MetricMessage {
 public:
  MetricMessage(std::string_view body, std::string_view places);

  std::size_t size() const { return metrics_.size(); }
  std::string_view name(std::size_t i) const {
    return body_.substr(metrics_[i].begin, metrics_[i].name_end - metrics_[i].begin);
  }
  // With its name.
  std::string_view member(std::size_t i) const {
    return body_.substr(metrics_[i].begin, metrics_[i].end - metrics_[i].begin);
  }
  std::string_view head() const { return body_.substr(0, metrics_.empty() ? body_.size() : metrics_.front().begin); }
  std::string_view tail() const { return metrics_.empty() ? std::string_view() : body_.substr(metrics_.back().end); }

  // names: sorted; empty: all.
  Mask match(const Values& names) const;

 private:
  struct Place {
    std::size_t begin, name_end, end;
  };
  std::string_view body_;
  std::vector<Place> metrics_;
};

}  // namespace valtronics
