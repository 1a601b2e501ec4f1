// SPDX-License-Identifier: Apache-2.0
// The subscriptions of a session in one channel. Sessions with equal ones share a plan, and each event is judged once
// for all of them. One thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "filter.hpp"
#include "metric_message.hpp"

namespace valtronics {

// What is asked of an event; a view.
struct Facts {
  std::string_view device, severity, alert_type, status;
  const MetricMessage* metrics = nullptr;  // of channels that have them
};

// What a plan makes of one event.
struct Verdict {
  bool wanted = false;  // by a subscription that is not delayed
  Mask now;             // the metrics that these ask for together
  struct Delayed {
    std::size_t subscription;  // its place in the plan
    Mask metrics;
  };
  std::vector<Delayed> delayed;
};

class Plan {
 public:
  // Sorted.
  explicit Plan(std::vector<Subscription> subscriptions);

  const std::vector<Subscription>& subscriptions() const { return subscriptions_; }
  bool delays() const { return delays_; }
  // The devices that events are needed of; empty: all. Beyond `most` of them it is all as well.
  Values devices(std::size_t most) const;

  // sequence: of the event; the verdict is remembered for the last one.
  const Verdict& judge(std::uint64_t sequence, const Facts& facts);
  bool judged(std::uint64_t sequence) const { return judged_ == sequence; }
  const Verdict& verdict() const { return verdict_; }

  // Belongs to the event that was judged last: what select() answers for what is not delayed.
  std::uint64_t variant = 0;

 private:
  std::vector<Subscription> subscriptions_;
  bool delays_ = false;
  std::uint64_t judged_ = 0;
  Verdict verdict_;
};

// Plans that come out the same are one object.
class PlanPool {
 public:
  std::shared_ptr<Plan> get(std::vector<Subscription> subscriptions);
  std::size_t size() const { return known_.size(); }

 private:
  std::map<std::vector<Subscription>, std::weak_ptr<Plan>> known_;
  std::size_t sweep_at_ = 64;
};

}  // namespace valtronics
