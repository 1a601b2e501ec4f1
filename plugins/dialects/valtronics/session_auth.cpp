// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "common/clock.hpp"
#include "json_text.hpp"
#include "session.hpp"

namespace valtronics {
namespace {

constexpr std::uint32_t auth_call_ms = 10'000;
constexpr unsigned most_failures = 5;

std::string user_of(const sdk::Identity& identity) {
  for (const std::string_view name : {identity.user(), identity.account(), identity.id()})
    if (!name.empty()) return std::string(name);
  const auto claims = parse_json(identity.claims()).value_or(Json());
  const Json* subject = claims.find("sub", Json::Kind::string);
  return subject ? subject->text : std::string();
}

}  // namespace

Session::AuthVerdict Session::auth_verdict(dgm_status status) {
  switch (status) {
    case DGM_OK:
      return AuthVerdict::accepted;
    case DGM_E_DENIED:
      return AuthVerdict::refused;
    case DGM_E_DROPPED:
      return AuthVerdict::too_many_connections;
    default:
      return AuthVerdict::undecided;
  }
}

void Session::expect_authentication() {
  const auto timeout = shard_->settings.auth_timeout;
  if (timeout.count() == 0) return;
  auth_timer_ = after(timeout, [this] {
    auth_timer_ = 0;
    end(1008, "not authenticated in time");
  });
}

void Session::authenticate(const std::string& token) {
  if (token.empty()) return refuse("Token is missing");
  authenticating_ = true;
  client_->pause();
  const dgm_status status = client_->authenticate(
      token, auth_call_ms, [this](dgm_status result, const sdk::Identity* identity, std::string_view why) {
        if (result == DGM_E_CANCELED) return;
        authenticated(result, identity, why);
        if (ending_) return;
        client_->resume();
        run();
      });
  if (status >= 0) return;
  authenticated(status, nullptr, "Token is not valid");
  client_->resume();
}

void Session::authenticated(dgm_status status, const sdk::Identity* identity, std::string_view why) {
  authenticating_ = false;
  if (ending_) return;
  switch (auth_verdict(status)) {
    case AuthVerdict::accepted: {
      const Rights rights = read_rights(identity->claims(), shard_->settings.role_permissions);
      if (rights.refresh_token) {
        refuse(refresh_token_refusal);
      } else {
        client_->send(auth_succeeded());
        accept(*identity, rights);
      }
      break;
    }
    case AuthVerdict::refused:
      refuse(why);
      break;
    case AuthVerdict::too_many_connections:
      client_->send(auth_failed("connection_limit_exceeded", "Too many connections of this user"));
      end(1008, "too many connections of this user");
      break;
    case AuthVerdict::undecided:
      client_->send(auth_failed("internal_error", "Authentication is not available now"));
      break;
  }
}

void Session::refuse(std::string_view text) {
  client_->send(auth_failed("invalid_token", text));
  if (++failures_ >= most_failures) end(1008, "authentication failed");
}

void Session::accept(const sdk::Identity& identity, Rights rights) {
  const std::string user = user_of(identity);
  const bool known = authenticated_ || expired_;
  // Two tokens that name nobody need not be of the same user.
  const bool fresh = !known || user.empty() || user != user_;
  if (known && fresh) {
    for (const Channel channel : channels) drop(channel);
    asked_ = false;
  }
  user_ = user;
  rights_ = rights;
  expires_ms_ = identity.expires_ms();
  authenticated_ = true;
  expired_ = false;
  failures_ = 0;
  for (dgm_op* timer : {&auth_timer_, &expiry_timer_, &grace_timer_}) stop(*timer);
  watch_expiry();
  for (const Channel channel : channels)
    if (subscribed(channel) && !rights_.may(channel)) {
      drop(channel);
      answer(forbidden(channel));
    }
  if (fresh) begin();
}

void Session::watch_expiry() {
  if (!shard_->settings.enforce_expiry || expires_ms_ == 0) return;
  // A timer has 32 bits.
  const std::int64_t left = std::clamp<std::int64_t>(expires_ms_ - dialects::unix_ms(), 0, 2'000'000'000);
  expiry_timer_ = after(std::chrono::milliseconds(left), [this] {
    expiry_timer_ = 0;
    if (dialects::unix_ms() >= expires_ms_)
      expire("Token has expired");
    else
      watch_expiry();
  });
}

void Session::expire(std::string_view text) {
  if (!authenticated_ || ending_) return;
  authenticated_ = false;
  expired_ = true;
  stop(expiry_timer_);
  // What was kept for later belongs to the time of the old token.
  for (const Channel channel : channels) {
    Subscribed& at = channels_[index_of(channel)];
    if (!at.sampler) continue;
    const auto subscribed = std::exchange(at.plan, nullptr);
    update_sampler(at);
    at.plan = subscribed;
    update_sampler(at);
  }
  client_->send(auth_failed("invalid_token", text));
  grace_timer_ = after(shard_->settings.expiry_grace, [this] {
    grace_timer_ = 0;
    end(1008, "token has expired");
  });
}

void Session::identity_changed(const sdk::Identity& identity, sdk::IdentityChange why) {
  if (!authenticated_) return;
  switch (why) {
    case sdk::IdentityChange::renewed: {
      const Rights rights = read_rights(identity.claims(), shard_->settings.role_permissions);
      rights_ = rights;
      expires_ms_ = identity.expires_ms();
      stop(expiry_timer_);
      watch_expiry();
      for (const Channel channel : channels)
        if (subscribed(channel) && !rights_.may(channel)) drop(channel);
      break;
    }
    case sdk::IdentityChange::expired:
      // A token that was refused here may have been the last that the host looked up.
      if (shard_->settings.enforce_expiry && identity.expires_ms() == expires_ms_) expire("Token has expired");
      break;
    case sdk::IdentityChange::revoked:
      expire("Token has been revoked");
      break;
  }
}

}  // namespace valtronics
