// SPDX-License-Identifier: Apache-2.0
// The values of the opening handshake (RFC 6455 4.2, RFC 7692 5 and 7).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::codec {

// Sec-WebSocket-Accept for a key.
std::string accept_key(std::string_view key);
// Base64 of 16 bytes.
bool valid_key(std::string_view key);
struct DeflateAnswer {
  std::string extension;  // the value of Sec-WebSocket-Extensions
  // Of the window that the server may use: 8 to 15. What is compressed without context takeover keeps to a window that
  // is as large as itself.
  std::uint8_t window_bits = 15;
};
// To these offers (one string per header, in order), or nothing. An offer is taken when all its parameters are known,
// valid and not repeated. Malformed headers are no offers.
std::optional<DeflateAnswer> negotiate_deflate(const std::vector<std::string_view>& offers);

}  // namespace dragoman::codec
