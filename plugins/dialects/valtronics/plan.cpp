// SPDX-License-Identifier: Apache-2.0
#include "plan.hpp"

#include <algorithm>

namespace valtronics {
namespace {

bool passes(const Values& allowed, std::string_view value) {
  return allowed.empty() || contains(allowed, value);
}

}  // namespace

Plan::Plan(std::vector<Subscription> subscriptions) : subscriptions_(std::move(subscriptions)) {
  for (const Subscription& s : subscriptions_) delays_ = delays_ || s.filter.interval_ms != 0;
}

Values Plan::devices(std::size_t most) const {
  Values out;
  for (const Subscription& s : subscriptions_) {
    if (s.devices.empty()) return {};
    out.insert(out.end(), s.devices.begin(), s.devices.end());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.size() > most) out.clear();
  return out;
}

const Verdict& Plan::judge(std::uint64_t sequence, const Facts& facts) {
  if (judged(sequence)) return verdict_;
  judged_ = sequence;
  verdict_.wanted = false;
  verdict_.now.assign(facts.metrics ? facts.metrics->size() : 0, false);
  verdict_.delayed.clear();
  for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
    const auto& [devices, filter] = subscriptions_[i];
    if (!passes(devices, facts.device)) continue;
    if (!facts.metrics) {
      verdict_.wanted =
          verdict_.wanted || (passes(filter.severities, facts.severity) &&
                              passes(filter.alert_types, facts.alert_type) && passes(filter.statuses, facts.status));
      continue;
    }
    Mask metrics = facts.metrics->match(filter.metrics);
    if (none(metrics)) continue;
    if (filter.interval_ms == 0) {
      verdict_.wanted = true;
      merge(verdict_.now, metrics);
    } else {
      verdict_.delayed.push_back({i, std::move(metrics)});
    }
  }
  return verdict_;
}

std::shared_ptr<Plan> PlanPool::get(std::vector<Subscription> subscriptions) {
  if (known_.size() > sweep_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max<std::size_t>(64, known_.size() * 2);
  }
  auto& known = known_[subscriptions];
  auto plan = known.lock();
  if (!plan) {
    plan = std::make_shared<Plan>(std::move(subscriptions));
    known = plan;
  }
  return plan;
}

}  // namespace valtronics
