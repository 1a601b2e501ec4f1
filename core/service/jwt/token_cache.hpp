// SPDX-License-Identifier: Apache-2.0
// Tokens that were verified, so that a client which comes back costs no signature. Any thread.
#pragma once
#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "service/identity.hpp"

namespace dragoman::service::jwt {

// SHA-256: the tokens themselves are kept nowhere.
using TokenHash = std::array<unsigned char, 32>;
TokenHash hash_token(std::string_view token);

class TokenCache {
 public:
  // most: tokens; most_bytes: of their claims.
  TokenCache(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

  // generation: of the keys of now. Null: not known, or verified with other keys.
  IdentityPtr find(const TokenHash& token, std::uint64_t generation);
  // In place of the one that was used longest ago.
  void put(const TokenHash& token, std::uint64_t generation, IdentityPtr identity);
  std::size_t size() const;

 private:
  struct Entry {
    TokenHash token;
    std::uint64_t generation;
    IdentityPtr identity;
  };
  struct Hash {
    std::size_t operator()(const TokenHash& token) const;
  };
  using Entries = std::list<Entry>;

  void erase(Entries::iterator entry);

  const std::size_t most_, most_bytes_;
  mutable std::mutex mutex_;
  Entries entries_;  // the one used last first
  std::unordered_map<TokenHash, Entries::iterator, Hash> places_;
  std::size_t bytes_ = 0;
};

}  // namespace dragoman::service::jwt
