// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "backend.hpp"
#include "session.hpp"

namespace valtronics {
namespace {

// Beyond so many devices in a channel the session hears of all, and its plan leaves out what it did not ask for.
constexpr std::size_t most_literal_devices = 32;

}  // namespace

void Session::begin() {
  const Settings& settings = shard_->settings;
  if (fixed_ && settings.dedicated_auto_subscribe && !asked_) {
    if (rights_.may(*fixed_)) {
      add(*fixed_, {});
      automatic_ = true;
    } else {
      answer(forbidden(*fixed_));
    }
  }
  if (!fixed_ && !settings.default_channels.empty() && !asked_ && !defaults_timer_)
    defaults_timer_ = after(settings.default_channels_after, [this] {
      defaults_timer_ = 0;
      if (asked_ || !delivering()) return;
      for (const Channel channel : shard_->settings.default_channels)
        if (rights_.may(channel)) add(channel, {});
    });
  if (!beating_) beat(settings.heartbeat);
}

std::size_t Session::subscription_count() const {
  std::size_t count = 0;
  for (const Subscribed& at : channels_) count += at.subscriptions.size();
  return count;
}

void Session::subscribe(Channel channel, Subscription subscription) {
  if (!rights_.may(channel)) return answer(forbidden(channel));
  asked_ = true;
  auto& subscriptions = channels_[index_of(channel)].subscriptions;
  if (std::exchange(automatic_, false)) subscriptions.clear();
  const bool replaces = std::any_of(subscriptions.begin(), subscriptions.end(),
                                    [&](const Subscription& s) { return s.devices == subscription.devices; });
  if (!replaces && subscription_count() >= shard_->settings.max_subscriptions)
    return answer(too_many_subscriptions(shard_->settings.max_subscriptions));
  const Values devices = subscription.devices;
  add(channel, std::move(subscription));
  if (shard_->settings.subscription_acks) client_->send(confirmation(true, channel, devices));
}

void Session::add(Channel channel, Subscription subscription) {
  auto& subscriptions = channels_[index_of(channel)].subscriptions;
  std::erase_if(subscriptions, [&](const Subscription& s) { return s.devices == subscription.devices; });
  subscriptions.push_back(std::move(subscription));
  apply(channel);
}

void Session::unsubscribe(Channel channel, const Values& devices) {
  auto& subscriptions = channels_[index_of(channel)].subscriptions;
  bool found = false;
  if (devices.empty()) {
    found = !subscriptions.empty();
    subscriptions.clear();
  } else {
    std::erase_if(subscriptions, [&](Subscription& s) {
      const auto named = std::erase_if(s.devices, [&](const std::string& d) { return contains(devices, d); });
      found = found || named > 0;
      return named > 0 && s.devices.empty();
    });
  }
  if (!found) return answer(not_subscribed(channel));
  automatic_ = false;
  apply(channel);
  if (shard_->settings.subscription_acks) client_->send(confirmation(false, channel, devices));
}

void Session::drop(Channel channel) {
  channels_[index_of(channel)].subscriptions.clear();
  if (fixed_ == channel) automatic_ = false;
  apply(channel);
}

void Session::apply(Channel channel) {
  Subscribed& at = channels_[index_of(channel)];
  std::sort(at.subscriptions.begin(), at.subscriptions.end());
  at.plan = at.subscriptions.empty() ? nullptr : shard_->plans.get(at.subscriptions);
  update_sampler(at);
  update_interests(channel);
}

void Session::update_sampler(Subscribed& at) {
  if (at.plan && at.plan->delays()) {
    if (!at.sampler) {
      at.sampler = std::make_unique<Sampler>(client_->id());
      ++shard_->samplers;
    }
    at.sampler->follow(*at.plan);
    shard_->schedule.update(*at.sampler);
  } else if (at.sampler) {
    shard_->schedule.remove(*at.sampler);
    at.sampler.reset();
    --shard_->samplers;
  }
}

void Session::update_interests(Channel channel) {
  Subscribed& at = channels_[index_of(channel)];
  for (const std::uint64_t interest : at.interests) client_->unsubscribe(interest);
  at.interests.clear();
  if (!at.plan) return;
  const Values devices = at.plan->devices(most_literal_devices);
  at.interests.reserve(std::max<std::size_t>(devices.size(), 1));
  const auto watch = [&](std::string_view key, bool literal) {
    const auto plan = reinterpret_cast<std::uintptr_t>(at.plan.get());
    const std::uint64_t interest = client_->subscribe(name_of(channel), key, literal, 0, plan);
    if (!interest) return end(1008, "too many subscriptions");
    at.interests.push_back(interest);
  };
  if (devices.empty()) watch("#", false);
  for (const std::string& device : devices) watch(device, true);
}

}  // namespace valtronics
