// SPDX-License-Identifier: Apache-2.0
// The compact form of a signed token (RFC 7515 section 7.1), not verified yet, and the choice of its key. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "service/jwt/key.hpp"
#include "service/jwt/verdict.hpp"

namespace dragoman::service::jwt {

constexpr std::size_t largest_token = 16 << 10;

struct Token {
  Algorithm algorithm{};
  std::optional<std::string> key_id;
  std::string signed_part, signature;
  std::string payload;  // nothing is known of it but that it was base64url
};

std::variant<Token, Outcome> parse_token(std::string_view text);

// accepted, unknown_key, algorithm or signature.
Outcome verify(const Token& token, const KeySet& keys);
// A key has exactly the id that the token names.
bool names_key(const Token& token, const KeySet& keys);

}  // namespace dragoman::service::jwt
