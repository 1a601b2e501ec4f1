// SPDX-License-Identifier: Apache-2.0
// The values of the opening handshake (RFC 6455 4.2, RFC 7692 5 and 7).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::codec {

// Sec-WebSocket-Accept for a key.
std::string accept_key(std::string_view key);
// Base64 of 16 bytes.
bool valid_key(std::string_view key);
// The value of Sec-WebSocket-Extensions in the answer to these offers (one string per header, in order), or nothing. An
// offer is taken when all its parameters are known, valid and not repeated, and when it does not ask for a window
// smaller than ours. Malformed headers are no offers.
std::optional<std::string> negotiate_deflate(const std::vector<std::string_view>& offers);

}  // namespace dragoman::codec
