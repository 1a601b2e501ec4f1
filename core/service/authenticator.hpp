// SPDX-License-Identifier: Apache-2.0
// Turns a credential into an identity. One object per configured authenticator, shared by all shards.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "service/identity.hpp"

namespace dragoman::service {

enum class AuthStatus { accepted, denied, unavailable };

// What happened to a credential after it was accepted. identity is the new one for `renewed`, null for `revoked`.
struct CredentialChange {
  std::string credential;
  IdentityPtr identity;
};

// How often it came to that.
struct AuthCount {
  const char* outcome;
  std::uint64_t count;
};

class Authenticator {
 public:
  // why: unless it is accepted a sentence that a client may read.
  using Done = std::function<void(AuthStatus, IdentityPtr, std::string_view why)>;
  using Watch = std::function<void(const CredentialChange&)>;

  virtual ~Authenticator() = default;
  // Any thread. `done` exactly once, perhaps inside the call, on any thread.
  virtual void authenticate(std::string_view credential, Done done) = 0;
  // Called once before the first authenticate(); the watch may be called on any thread.
  virtual void watch(Watch watch) = 0;
  // The same outcomes each time. Any thread.
  virtual std::vector<AuthCount> counts() const = 0;
};

}  // namespace dragoman::service
