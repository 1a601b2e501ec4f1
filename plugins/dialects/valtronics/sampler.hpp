// SPDX-License-Identifier: Apache-2.0
// Messages at intervals (valtronics digest 4.2): per subscription and device the first goes out at once, newer values
// replace older ones until the interval ends, and then one message has them all. One thread; times are milliseconds of
// a clock that never goes back.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "metric_message.hpp"
#include "plan.hpp"

namespace valtronics {

// An event whose metrics are kept: each is copied once, however many sessions keep it.
class KeptEvent {
 public:
  explicit KeptEvent(const MetricMessage& message) : message_(message), members_(message.size()) {}
  const MetricMessage& message() const { return message_; }
  std::shared_ptr<const std::string> member(std::size_t i);
  std::shared_ptr<const std::string> head();
  std::shared_ptr<const std::string> tail();

 private:
  const MetricMessage& message_;
  std::vector<std::shared_ptr<const std::string>> members_;
  std::shared_ptr<const std::string> head_, tail_;
};

// Of one session and channel.
class Sampler {
 public:
  static constexpr std::size_t most_windows = 10'000;  // beyond that nothing is delayed

  // Whose messages these are.
  explicit Sampler(std::uint64_t session) : session_(session) {}
  std::uint64_t session() const { return session_; }

  // Takes over the subscriptions of a plan; what is kept for those that it still has stays.
  void follow(const Plan& plan);

  // The metrics that go out now.
  Mask take(const Verdict& verdict, std::string_view device, KeptEvent& event, std::int64_t now_ms);

  // When the next interval ends; nothing: none is open.
  std::optional<std::int64_t> next() const;

  // Ends the interval of next(): the message to send, if values are kept; then a new interval begins.
  std::optional<std::string> end();

 private:
  // (device, number of the subscription)
  using Key = std::pair<std::string, std::uint32_t>;
  struct Metric {
    std::string name;
    std::shared_ptr<const std::string> member;
  };
  struct Window {
    std::int64_t ends_ms;
    std::uint32_t interval_ms;
    std::vector<Metric> metrics;
    std::shared_ptr<const std::string> head, tail;  // of the last event
  };

  std::uint64_t session_;
  std::vector<Subscription> subscriptions_;
  std::vector<std::uint32_t> numbers_;  // of subscriptions_
  std::uint32_t last_number_ = 0;
  std::map<Key, Window> windows_;
  std::set<std::pair<std::int64_t, Key>> ends_;  // of windows_
};

// The samplers of a shard by the time of their next ending.
class SamplerSchedule {
 public:
  // After every change of it; outlives its place here.
  void update(Sampler& sampler);
  void remove(Sampler& sampler);

  // When the next interval ends; nothing: none is open.
  std::optional<std::int64_t> next() const;

  // send(session, text) for all that is due; it may not change the schedule.
  template <class Send>
  void run(std::int64_t now_ms, Send&& send) {
    while (!order_.empty() && order_.begin()->first <= now_ms) {
      Sampler& sampler = *order_.begin()->second;
      const auto text = sampler.end();
      update(sampler);
      if (text) send(sampler.session(), *text);
    }
  }

 private:
  std::set<std::pair<std::int64_t, Sampler*>> order_;
  std::unordered_map<Sampler*, std::int64_t> times_;
};

}  // namespace valtronics
