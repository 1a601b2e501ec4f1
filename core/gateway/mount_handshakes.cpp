// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_handshakes.hpp"

#include <string>
#include <utility>

namespace dragoman::gateway {

std::uint64_t MountHandshakes::check(std::string_view credential, std::uint32_t timeout_ms,
                                     service::Authenticator::Done done) {
  const std::uint64_t id = ++last_;
  auto& waiting = waiting_[id] = std::make_unique<Waiting>(*this, id, std::move(done));
  loop_.arm(waiting->timer, timeout_ms);
  const auto answer = [this, id, life = operations_.life()](service::AuthStatus status, service::IdentityPtr identity,
                                                            std::string_view why) {
    loop_.post([this, id, life, status, identity = std::move(identity), why = std::string(why)] {
      finish(id, status, identity, why);
    });
  };
  if (authenticator_)
    authenticator_->authenticate(credential, answer);
  else
    answer(service::AuthStatus::unavailable, nullptr, "There is no authenticator");
  return id;
}

void MountHandshakes::finish(std::uint64_t id, service::AuthStatus status, service::IdentityPtr identity,
                             std::string_view why) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  const std::unique_ptr<Waiting> ended = std::move(found->second);
  waiting_.erase(found);
  ended->done(status, std::move(identity), why);
}

void MountHandshakes::end() {
  while (!waiting_.empty())
    finish(waiting_.begin()->first, service::AuthStatus::unavailable, nullptr, "The gateway is shutting down");
}

}  // namespace dragoman::gateway
