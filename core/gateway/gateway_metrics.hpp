// SPDX-License-Identifier: Apache-2.0
// The counters of all that runs as metric families. What has ended still counts.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/histogram.hpp"
#include "gateway/running.hpp"
#include "gateway/session_listing.hpp"
#include "service/metrics.hpp"

namespace dragoman::gateway {

// Adds up what was counted under the same labels.
class Families {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  using Kind = service::MetricFamily::Kind;
  void add(const std::string& name, const std::string& help, Kind kind, const Labels& labels, std::uint64_t value) {
    add(name, help, kind, labels, static_cast<double>(value));
  }
  void add(const std::string& name, const std::string& help, Kind kind, const Labels& labels, double value);
  void add(const std::string& name, const std::string& help, const Labels& labels, const base::Histogram& histogram);
  void add_counters(const Families& other);
  std::vector<service::MetricFamily> take() const;

 private:
  struct Family {
    std::string help;
    Kind kind;
    std::map<Labels, service::MetricSample> samples;
  };
  std::map<std::string, Family> families_;
};

struct PastMetrics {
  Families families;
  std::uint64_t reloads = 0, refused = 0;
  // What is about to end.
  void add(const World& ended);
};

// nodes: null if this gateway is alone. None of the worlds changes meanwhile.
std::vector<service::MetricFamily> gather_metrics(const World& world, const World& retiring, const PastMetrics& past,
                                                  const Shards& shards, const service::Nodes* nodes);

}  // namespace dragoman::gateway
