// SPDX-License-Identifier: Apache-2.0
#include "topology.hpp"

#include <algorithm>
#include <dragoman/sdk/host.hpp>

#include "common/text.hpp"

namespace amqp {
namespace {

using dragoman::sdk::view;

constexpr std::size_t name_limit = 255;  // bytes in AMQP
constexpr std::size_t most_under_way = 500;
constexpr std::chrono::milliseconds first_delay{500};
constexpr std::uint16_t not_found = 404;

bool is_pattern(std::string_view key) {
  for (std::size_t from = 0; from <= key.size();) {
    const std::size_t end = std::min(key.find('.', from), key.size());
    const std::string_view token = key.substr(from, end - from);
    if (token == "*" || token == "#") return true;
    from = end + 1;
  }
  return false;
}

}  // namespace

Topology::Topology(const Settings& settings, Tell tell) : settings_(settings), tell_(std::move(tell)) {}

void Topology::want(const dgm_wish& wish, int by) {
  const std::string_view exchange = view(wish.channel), key = view(wish.key);
  // What AMQP cannot name is on no broker. The default exchange has no bindings.
  if (exchange.empty() || exchange.size() > name_limit || key.size() > name_limit || !buses::is_text(exchange) ||
      !buses::is_utf8(key))
    return;
  const Exchange& form = settings_.exchange(exchange);
  switch (form.type) {
    case ExchangeType::topic:
      return change(exchange, {std::string(key)}, by);
    case ExchangeType::fanout:
      return change(exchange, {}, by);
    case ExchangeType::headers:
      for (std::size_t i = 0; i < std::max<std::size_t>(1, form.match.size()); ++i) change(exchange, {{}, i}, by);
      return;
    case ExchangeType::direct:
      if (wish.literal || !is_pattern(key)) return change(exchange, {std::string(key)}, by);
      if (told_of_pattern_.emplace(exchange).second)
        tell_("keys of the exchange " + buses::shown(exchange) +
              " are wanted by a pattern, which type direct does not have: such events do not come");
  }
}

void Topology::change(std::string_view exchange, Binding binding, int by) {
  const auto at = places_.try_emplace(std::string(exchange)).first;
  Place& place = at->second;
  const auto count = place.wanted.try_emplace(binding, 0).first;
  count->second += by;
  if (count->second <= 0) place.wanted.erase(count);
  place.touched.insert(std::move(binding));
  due_.insert(at->first);
}

void Topology::begin() {
  under_way_.clear();
  due_.clear();
  for (auto at = places_.begin(); at != places_.end();) {
    Place& place = at->second;
    place.state = Place::unknown;
    place.delay = {};
    place.bound.clear();
    place.touched.clear();
    for (const auto& [binding, n] : place.wanted) place.touched.insert(binding);
    if (place.idle()) {
      at = places_.erase(at);
    } else {
      due_.insert(at->first);
      ++at;
    }
  }
}

void Topology::advance(const Send& send, Clock::time_point now) {
  for (auto name = due_.begin(); name != due_.end() && under_way_.size() < most_under_way;) {
    const auto at = places_.find(*name);
    const bool waits = at != places_.end() && !advance_place(at->first, at->second, send, now);
    if (at != places_.end() && at->second.idle() && at->second.state != Place::asked) places_.erase(at);
    name = waits ? std::next(name) : due_.erase(name);
  }
}

bool Topology::send_step(const Send& send, Step step) {
  if (under_way_.size() >= most_under_way) return false;
  send(step);
  under_way_.push_back(std::move(step));
  return true;
}

// True: there is nothing left to send.
bool Topology::advance_place(const std::string& name, Place& place, const Send& send, Clock::time_point now) {
  if (place.state == Place::missing && now >= place.retry) place.state = Place::unknown;
  if (place.state == Place::unknown) {
    if (place.wanted.empty()) {
      place.touched.clear();
      return true;
    }
    if (!send_step(send, {Step::declare, name, {}})) return false;
    place.state = Place::asked;
  }
  if (place.state != Place::there) return false;
  // In this order no event falls between two bindings.
  for (const Step::Kind kind : {Step::bind, Step::unbind})
    for (auto at = place.touched.begin(); at != place.touched.end();) {
      const bool wanted = place.wanted.contains(*at), bound = place.bound.contains(*at);
      if (wanted == bound) {
        at = place.touched.erase(at);
        continue;
      }
      if (wanted != (kind == Step::bind)) {
        ++at;
        continue;
      }
      if (!send_step(send, {kind, name, *at})) return false;
      if (wanted)
        place.bound.insert(*at);
      else
        place.bound.erase(*at);
      at = place.touched.erase(at);
    }
  return true;
}

void Topology::done() {
  if (under_way_.empty()) return;
  const Step step = std::move(under_way_.front());
  under_way_.pop_front();
  const auto at = places_.find(step.exchange);
  if (step.kind != Step::declare || at == places_.end()) return;
  Place& place = at->second;
  place.state = Place::there;
  place.delay = {};
  if (!place.told.empty()) tell_("the exchange " + buses::shown(step.exchange) + " is there");
  place.told.clear();
  due_.insert(step.exchange);
}

void Topology::undo(const Step& step) {
  const auto [at, forgotten] = places_.try_emplace(step.exchange);
  Place& place = at->second;
  due_.insert(step.exchange);
  // One that had nothing left to do was there.
  if (forgotten) place.state = Place::there;
  if (step.kind == Step::declare) {
    place.state = Place::unknown;
    return;
  }
  if (step.kind == Step::bind)
    place.bound.erase(step.binding);
  else
    place.bound.insert(step.binding);
  place.touched.insert(step.binding);
}

void Topology::lose(const std::string& name, std::string_view why, Clock::time_point now) {
  Place& place = places_[name];
  place.state = Place::missing;
  place.bound.clear();
  place.touched.clear();
  for (const auto& [binding, n] : place.wanted) place.touched.insert(binding);
  const auto most = std::max(settings_.reconnect_max, first_delay);
  place.delay = std::min(most, std::max(first_delay, place.delay * 2));
  place.retry = now + place.delay;
  due_.insert(name);
  if (place.told != why)
    tell_("no events come from the exchange " + buses::shown(name) +
          ", which is asked for again later: " + std::string(why));
  place.told = why;
}

void Topology::refused(std::uint16_t code, std::string_view why, Clock::time_point now) {
  std::deque<Step> steps;
  steps.swap(under_way_);
  if (steps.empty()) return;
  const Step cause = std::move(steps.front());
  steps.pop_front();
  // The latest first: of two that are about the same binding the state before both is left.
  for (auto at = steps.rbegin(); at != steps.rend(); ++at) undo(*at);
  if (cause.kind == Step::declare || code == not_found) return lose(cause.exchange, why, now);
  tell_("the broker refuses a binding to the exchange " + buses::shown(cause.exchange) + ": " + std::string(why));
}

bool Topology::settled() const {
  return under_way_.empty() && std::all_of(due_.begin(), due_.end(), [&](const std::string& name) {
           const auto at = places_.find(name);
           return at == places_.end() || at->second.state == Place::missing;
         });
}

Topology::Clock::time_point Topology::retry() const {
  auto soonest = Clock::time_point::max();
  for (const std::string& name : due_)
    if (const auto at = places_.find(name); at != places_.end() && at->second.state == Place::missing)
      soonest = std::min(soonest, at->second.retry);
  return soonest;
}

}  // namespace amqp
