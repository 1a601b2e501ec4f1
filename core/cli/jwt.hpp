// SPDX-License-Identifier: Apache-2.0
// Signed JSON Web Tokens for development (RFC 7519; HMAC of RFC 7518 section 3.2). Any thread.
#pragma once
#include <string>
#include <string_view>

namespace dragoman::cli {

// algorithm: HS256, HS384 or HS512. claims: a JSON object. Throws std::runtime_error.
std::string make_jwt(std::string_view algorithm, std::string_view secret, std::string_view claims);

// Bytes that the secret of an algorithm should have (RFC 7518 section 3.2); 0: there is no such algorithm.
std::size_t secret_bytes(std::string_view algorithm);

}  // namespace dragoman::cli
