// SPDX-License-Identifier: Apache-2.0
// Handshakes whose credential is being checked, on one shard.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "base/timer_wheel.hpp"
#include "gateway/operations.hpp"
#include "net/loop.hpp"
#include "service/authenticator.hpp"

namespace dragoman::gateway {

class MountHandshakes {
 public:
  // authenticator: may be null. Everything outlives it.
  MountHandshakes(service::Authenticator* authenticator, net::Loop& loop, const Operations& operations)
      : authenticator_(authenticator), loop_(loop), operations_(operations) {}

  // `done` once, in a later turn, unless forget() comes first; after timeout_ms it is unavailable.
  std::uint64_t check(std::string_view credential, std::uint32_t timeout_ms, service::Authenticator::Done done);
  // False: it is done.
  bool forget(std::uint64_t id) { return waiting_.erase(id) != 0; }
  bool none() const { return waiting_.empty(); }
  // Whatever waits is unavailable, now.
  void end();

 private:
  struct Waiting {
    Waiting(MountHandshakes& a, std::uint64_t i, service::Authenticator::Done d)
        : all(a), id(i), done(std::move(d)), timer([](void* self) { static_cast<Waiting*>(self)->due(); }, this) {}
    void due() { all.finish(id, service::AuthStatus::unavailable, nullptr, "The check of the token took too long"); }
    MountHandshakes& all;
    const std::uint64_t id;
    service::Authenticator::Done done;
    base::Timer timer;
  };
  void finish(std::uint64_t id, service::AuthStatus status, service::IdentityPtr identity, std::string_view why);

  service::Authenticator* authenticator_;
  net::Loop& loop_;
  const Operations& operations_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Waiting>> waiting_;
};

}  // namespace dragoman::gateway
