// SPDX-License-Identifier: Apache-2.0
#include "service/static_authenticator.hpp"

#include "base/clock.hpp"

namespace dragoman::service {

// `done` and `watch_` run under the lock: a session that was just told "accepted" must hear of a revocation after that,
// never before. Both only post to a shard.

void StaticAuthenticator::authenticate(std::string_view credential, Done done) {
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(std::string(credential));
  if (found == tokens_.end()) {
    ++unknown_;
    done(AuthStatus::denied, nullptr, "Token is not known");
  } else if (found->second->expires_ms && found->second->expires_ms <= base::unix_ms()) {
    ++expired_;
    done(AuthStatus::denied, nullptr, "Token has expired");
  } else {
    ++accepted_;
    done(AuthStatus::accepted, found->second, {});
  }
}

std::vector<AuthCount> StaticAuthenticator::counts() const {
  const std::lock_guard lock(mutex_);
  return {{"accepted", accepted_}, {"unknown", unknown_}, {"expired", expired_}};
}

void StaticAuthenticator::watch(Watch watch) {
  const std::lock_guard lock(mutex_);
  watch_ = std::move(watch);
}

bool StaticAuthenticator::put(const std::string& token, Identity identity) {
  const std::lock_guard lock(mutex_);
  if (tokens_.size() >= most_ && !tokens_.contains(token)) {
    const std::int64_t now = base::unix_ms();
    std::erase_if(tokens_, [&](const auto& t) { return t.second->expires_ms && t.second->expires_ms <= now; });
    if (tokens_.size() >= most_) return false;
  }
  auto& entry = tokens_[token];
  const bool known = entry != nullptr;
  entry = std::make_shared<const Identity>(std::move(identity));
  if (known && watch_) watch_({token, entry});
  return true;
}

bool StaticAuthenticator::revoke(const std::string& token) {
  const std::lock_guard lock(mutex_);
  if (!tokens_.erase(token)) return false;
  if (watch_) watch_({token, nullptr});
  return true;
}

std::size_t StaticAuthenticator::size() const {
  const std::lock_guard lock(mutex_);
  return tokens_.size();
}

}  // namespace dragoman::service
