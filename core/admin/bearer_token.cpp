// SPDX-License-Identifier: Apache-2.0
#include "admin/bearer_token.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "net/http_request.hpp"

namespace dragoman::admin {

BearerToken::BearerToken(std::string_view token) : expected_(digest(token)) {}

bool BearerToken::matches(std::string_view authorization) const {
  static constexpr std::string_view scheme = "Bearer ";
  if (!net::equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return false;
  authorization.remove_prefix(scheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  if (authorization.empty()) return false;
  // Digests have one length, so not even that of the token shows.
  const Digest given = digest(authorization);
  return CRYPTO_memcmp(given.data(), expected_.data(), given.size()) == 0;
}

BearerToken::Digest BearerToken::digest(std::string_view text) {
  Digest out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

}  // namespace dragoman::admin
