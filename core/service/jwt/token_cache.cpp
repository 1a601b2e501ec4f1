// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/token_cache.hpp"

#include <openssl/evp.h>

#include <cstring>

namespace dragoman::service::jwt {

TokenHash hash_token(std::string_view token) {
  TokenHash hash{};
  EVP_Digest(token.data(), token.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  return hash;
}

std::size_t TokenCache::Hash::operator()(const TokenHash& token) const {
  std::size_t value = 0;
  std::memcpy(&value, token.data(), sizeof value);
  return value;
}

IdentityPtr TokenCache::find(const TokenHash& token, std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(token);
  if (found == places_.end()) return nullptr;
  const auto entry = found->second;
  if (entry->generation != generation) {
    erase(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->identity;
}

void TokenCache::put(const TokenHash& token, std::uint64_t generation, IdentityPtr identity) {
  const std::lock_guard lock(mutex_);
  if (const auto found = places_.find(token); found != places_.end()) erase(found->second);
  bytes_ += identity->claims.size();
  entries_.push_front({token, generation, std::move(identity)});
  places_[token] = entries_.begin();
  while (entries_.size() > most_ || bytes_ > most_bytes_) erase(std::prev(entries_.end()));
}

std::size_t TokenCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void TokenCache::erase(Entries::iterator entry) {
  bytes_ -= entry->identity->claims.size();
  places_.erase(entry->token);
  entries_.erase(entry);
}

}  // namespace dragoman::service::jwt
