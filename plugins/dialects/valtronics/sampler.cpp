// SPDX-License-Identifier: Apache-2.0
#include "sampler.hpp"

#include <algorithm>

namespace valtronics {
namespace {

std::shared_ptr<const std::string> keep(std::shared_ptr<const std::string>& kept, std::string_view text) {
  if (!kept) kept = std::make_shared<const std::string>(text);
  return kept;
}

}  // namespace

std::shared_ptr<const std::string> KeptEvent::member(std::size_t i) {
  return keep(members_[i], message_.member(i));
}
std::shared_ptr<const std::string> KeptEvent::head() {
  return keep(head_, message_.head());
}
std::shared_ptr<const std::string> KeptEvent::tail() {
  return keep(tail_, message_.tail());
}

void Sampler::follow(const Plan& plan) {
  std::vector<std::uint32_t> numbers;
  for (const Subscription& s : plan.subscriptions()) {
    const auto known = std::find(subscriptions_.begin(), subscriptions_.end(), s);
    numbers.push_back(known == subscriptions_.end()
                          ? ++last_number_
                          : numbers_[static_cast<std::size_t>(known - subscriptions_.begin())]);
  }
  subscriptions_ = plan.subscriptions();
  numbers_ = std::move(numbers);
  std::erase_if(windows_, [&](const auto& window) {
    if (std::find(numbers_.begin(), numbers_.end(), window.first.second) != numbers_.end()) return false;
    ends_.erase({window.second.ends_ms, window.first});
    return true;
  });
}

Mask Sampler::take(const Verdict& verdict, std::string_view device, KeptEvent& event, std::int64_t now_ms) {
  Mask now = verdict.now;
  std::vector<std::pair<Window*, const Mask*>> waiting;
  for (const auto& [place, metrics] : verdict.delayed) {
    if (place >= numbers_.size()) continue;
    const Key key{std::string(device), numbers_[place]};
    const auto found = windows_.find(key);
    if (found != windows_.end()) {
      waiting.emplace_back(&found->second, &metrics);
      continue;
    }
    merge(now, metrics);
    if (windows_.size() >= most_windows) continue;
    const std::uint32_t interval = subscriptions_[place].filter.interval_ms;
    windows_.emplace(key, Window{now_ms + interval, interval, {}, nullptr, nullptr});
    ends_.emplace(now_ms + interval, key);
  }
  const MetricMessage& message = event.message();
  for (const auto& [window, metrics] : waiting) {
    auto& kept = window->metrics;
    for (std::size_t i = 0; i < message.size(); ++i) {
      if (!(*metrics)[i]) continue;
      const auto found =
          std::find_if(kept.begin(), kept.end(), [&](const Metric& m) { return m.name == message.name(i); });
      // What goes out now need not go out later again.
      if (now[i]) {
        if (found != kept.end()) kept.erase(found);
      } else if (found != kept.end()) {
        found->member = event.member(i);
      } else if (kept.size() >= most_metrics) {
        now[i] = true;
      } else {
        kept.push_back({std::string(message.name(i)), event.member(i)});
      }
    }
    window->head = event.head();
    window->tail = event.tail();
  }
  return now;
}

std::optional<std::int64_t> Sampler::next() const {
  if (ends_.empty()) return std::nullopt;
  return ends_.begin()->first;
}

std::optional<std::string> Sampler::end() {
  if (ends_.empty()) return std::nullopt;
  const Key key = ends_.begin()->second;
  ends_.erase(ends_.begin());
  const auto found = windows_.find(key);
  Window& window = found->second;
  if (window.metrics.empty()) {
    windows_.erase(found);
    return std::nullopt;
  }
  std::string out(*window.head);
  for (const Metric& metric : window.metrics) {
    if (out.size() > window.head->size()) out += ',';
    out += *metric.member;
    // Other subscriptions to the device keep the same newest value.
    for (auto other = windows_.lower_bound({key.first, 0}); other != windows_.end() && other->first.first == key.first;
         ++other)
      if (other != found)
        std::erase_if(other->second.metrics, [&](const Metric& m) { return m.member == metric.member; });
  }
  out += *window.tail;
  window.metrics.clear();
  window.head.reset();
  window.tail.reset();
  window.ends_ms += window.interval_ms;
  ends_.emplace(window.ends_ms, key);
  return out;
}

void SamplerSchedule::update(Sampler& sampler) {
  const auto next = sampler.next();
  const auto known = times_.find(&sampler);
  if (known != times_.end()) {
    if (next && known->second == *next) return;
    order_.erase({known->second, &sampler});
    times_.erase(known);
  }
  if (!next) return;
  order_.emplace(*next, &sampler);
  times_.emplace(&sampler, *next);
}

void SamplerSchedule::remove(Sampler& sampler) {
  const auto known = times_.find(&sampler);
  if (known == times_.end()) return;
  order_.erase({known->second, &sampler});
  times_.erase(known);
}

std::optional<std::int64_t> SamplerSchedule::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

}  // namespace valtronics
