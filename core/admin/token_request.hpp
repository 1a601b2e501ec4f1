// SPDX-License-Identifier: Apache-2.0
// The bodies of the requests that add and revoke tokens. Any thread. Throw event::Refusal, whose sentences never hold a
// token.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "service/identity.hpp"

namespace dragoman::admin {

struct TokenRequest {
  std::string token;  // secret
  service::Identity identity;
};

// {"token", "id", "user", "tenant", "account", "session", "grants", "claims", "expires" (RFC 3339) or "expires_in"
// (seconds)}, all but the token optional.
TokenRequest parse_token_request(std::string_view body, std::int64_t now_ms);

// {"token"}
std::string parse_revoke_request(std::string_view body);

}  // namespace dragoman::admin
