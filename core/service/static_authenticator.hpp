// SPDX-License-Identifier: Apache-2.0
// Tokens listed in the configuration, changed at run time through the admin API. Changes last until the process ends.
#pragma once
#include <mutex>
#include <optional>
#include <unordered_map>

#include "service/authenticator.hpp"

namespace dragoman::service {

class StaticAuthenticator final : public Authenticator {
 public:
  // most: tokens it takes in all, those that have expired not counted.
  explicit StaticAuthenticator(std::size_t most) : most_(most) {}
  void authenticate(std::string_view credential, Done done) override;
  void watch(Watch watch) override;

  // Adds or replaces; live sessions of that token get the new identity. False if it is one too many. Any thread.
  bool put(const std::string& token, Identity identity);
  // False if there is no such token. Live sessions of that token are told. Any thread.
  bool revoke(const std::string& token);
  std::size_t size() const;
  std::vector<AuthCount> counts() const override;

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, IdentityPtr> tokens_;
  Watch watch_;
  std::uint64_t accepted_ = 0, unknown_ = 0, expired_ = 0;
};

}  // namespace dragoman::service
