// SPDX-License-Identifier: Apache-2.0
#include "admin/bearer_token.hpp"

#include <openssl/crypto.h>

#include "net/http_request.hpp"

namespace dragoman::admin {

bool BearerToken::matches(std::string_view authorization) const {
  static constexpr std::string_view scheme = "Bearer ";
  if (!net::equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return false;
  authorization.remove_prefix(scheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  if (authorization.empty()) return false;
  return authorization.size() == expected_.size() &&
         CRYPTO_memcmp(authorization.data(), expected_.data(), expected_.size()) == 0;
}

}  // namespace dragoman::admin
