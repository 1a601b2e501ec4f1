// SPDX-License-Identifier: Apache-2.0
// Whose tokens and accounts are: asked of the mount's authenticator and the configured tree, or of a Crossbar (kazoo
// digest section 5). One thread.
#pragma once
#include <cstdint>
#include <dragoman/sdk.hpp>
#include <functional>
#include <string>

#include "settings.hpp"

namespace kazoo {

namespace sdk = dragoman::sdk;

// Empty: it has none.
std::string account_of(const sdk::Identity& identity);

class AccountAccess {
 public:
  enum class Verdict { yes, no, unavailable };

  // settings outlive it.
  AccountAccess(sdk::Host host, const Settings& settings) : host_(host), settings_(settings), crossbar_(host) {}

  // owner: the session or request that asks. done is called once, perhaps inside of the call, but not when the owner
  // has ended.
  using Authenticated = std::function<void(Verdict, const std::string& account)>;
  void authenticate(std::uint64_t owner, const std::string& token, Authenticated done) const;

  struct Question {
    std::string token;   // of who asks
    std::string own;     // account of the token
    std::string wanted;  // an account, or "*"
    bool needs_realm = false;
  };
  // realm: empty unless it was needed and is known.
  using Authorized = std::function<void(Verdict, const std::string& realm)>;
  void authorize(std::uint64_t owner, const Question& question, Authorized done) const;

 private:
  void ask_crossbar(std::uint64_t owner, std::string path, const std::string& token, std::string_view member,
                    Authenticated done) const;

  sdk::Host host_;
  const Settings& settings_;
  sdk::Upstreams crossbar_;
};

}  // namespace kazoo
