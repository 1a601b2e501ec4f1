// SPDX-License-Identifier: Apache-2.0
// Keys from the forms they are written in. Problems are half sentences for the admin and never show a secret.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "service/jwt/key.hpp"

namespace dragoman::service::jwt {

constexpr std::size_t largest_key_file = 1 << 20;
constexpr std::size_t most_keys = 256;  // of one key set

struct ReadKeys {
  std::vector<Key> keys;
  std::string problem;              // why there are none
  std::vector<std::string> passed;  // why single keys of a set are left out
};

// wanted: 0 stands for HS256 with a secret and for all that fit with other keys.
ReadKeys key_from_secret(std::string secret, Algorithms wanted, std::string id);
// base64 or base64url, with padding or without.
ReadKeys key_from_base64(std::string text, Algorithms wanted, std::string id);
// A public key or a certificate.
ReadKeys key_from_pem(const std::string& text, Algorithms wanted, std::string id);
// A JWK Set (RFC 7517 section 5). secrets: whether it may hold keys of the type oct.
ReadKeys keys_from_jwks(std::string_view text, Algorithms wanted, bool secrets);

}  // namespace dragoman::service::jwt
