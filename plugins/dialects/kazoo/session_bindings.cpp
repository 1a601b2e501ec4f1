// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "session.hpp"

namespace kazoo {
namespace {

// Under which a binding is found again.
std::string name_of(const std::string& account, const std::string& binding) {
  return account + " " + binding;
}

}  // namespace

bool Session::read_bindings() {
  ClientMessage& message = work_->message;
  const Settings& settings = shard_->settings;
  if (!message.has_data) return fail("missing required keys in data object"), false;
  if (!message.account_id && settings.default_account_from_token) message.account_id = work_->account;
  std::string missing;
  if (!message.account_id) missing = "account_id";
  if (message.bindings.empty()) missing.append(missing.empty() ? "" : ", ").append("binding");
  if (!missing.empty()) return fail("missing required keys : " + missing), false;
  for (const std::string& text : message.bindings) {
    auto parsed = parse_binding(text, settings.bindings);
    if (const auto* error = std::get_if<std::string>(&parsed)) return fail(*error), false;
    work_->bindings.push_back(std::get<Binding>(std::move(parsed)));
  }
  return true;
}

void Session::subscribe(const std::string& realm) {
  const std::string& account = *work_->message.account_id;
  const std::size_t before = subscribed_.size();
  const auto refuse = [&](std::string_view error) {
    while (subscribed_.size() > before) drop(std::prev(subscribed_.end()));
    fail(error);
  };
  for (Binding& binding : work_->bindings) {
    std::string name = name_of(account, binding.text);
    if (places_.contains(name)) continue;
    const std::size_t most = shard_->settings.max_bindings_per_socket;
    if (most && subscribed_.size() >= most) return refuse("max bindings reached");
    std::string shown = shown_binding(binding, shard_->settings.bindings);
    subscribed_.push_back({account, std::move(binding), std::move(shown), realm, {}});
    places_.emplace(std::move(name), std::prev(subscribed_.end()));
    if (!listen(subscribed_.back())) return refuse("max bindings reached");
    if (subscribed_.back().live.empty()) return refuse("no available subscriptions to requested binding");
  }
  succeed(subscribed_data(subscribed()));
}

bool Session::listen(Subscribed& entry) {
  const Scope scope{entry.account, entry.realm, shard_->months.names()};
  const std::vector<Interest> interests = interests_of(entry.binding, scope);
  std::vector<Live> kept;
  for (Live& live : entry.live) {
    if (std::find(interests.begin(), interests.end(), live.pattern->interest) != interests.end())
      kept.push_back(std::move(live));
    else
      client_->unsubscribe(live.subscription);
  }
  entry.live = std::move(kept);
  for (const Interest& interest : interests) {
    if (std::any_of(entry.live.begin(), entry.live.end(),
                    [&](const Live& live) { return live.pattern->interest == interest; }))
      continue;
    auto pattern = shard_->patterns.get(entry.shown, entry.account, interest);
    const auto cookie = reinterpret_cast<std::uintptr_t>(pattern.get());
    const std::uint64_t subscription = client_->subscribe(interest.exchange, interest.key, false, 0, cookie);
    if (!subscription) return false;
    entry.live.push_back({std::move(pattern), subscription});
  }
  return true;
}

void Session::months_changed() {
  for (Subscribed& entry : subscribed_)
    if (needs_month(entry.binding) && !listen(entry))
      client_->log(sdk::LogLevel::warn, "the database of a month cannot be watched: too many subscriptions");
}

void Session::drop(Place place) {
  for (const Live& live : place->live) client_->unsubscribe(live.subscription);
  places_.erase(name_of(place->account, place->binding.text));
  subscribed_.erase(place);
}

void Session::unsubscribe() {
  std::vector<std::string> dropped;
  if (!work_->message.has_data) {
    dropped = subscribed();
    while (!subscribed_.empty()) drop(subscribed_.begin());
    return succeed(unsubscribed_data(dropped, {}));
  }
  for (const Binding& binding : work_->bindings) {
    dropped.push_back(shown_binding(binding, shard_->settings.bindings));
    const auto found = places_.find(name_of(*work_->message.account_id, binding.text));
    if (found != places_.end()) drop(found->second);
  }
  succeed(unsubscribed_data(dropped, subscribed()));
}

std::vector<std::string> Session::subscribed() const {
  std::vector<std::string> out;
  for (const Subscribed& entry : subscribed_) {
    const std::size_t times = shard_->settings.repeat_expanded_bindings ? keys_of(entry.binding) : 1;
    out.insert(out.end(), times, entry.shown);
  }
  return out;
}

}  // namespace kazoo
