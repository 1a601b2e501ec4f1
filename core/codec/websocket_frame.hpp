// SPDX-License-Identifier: Apache-2.0
// The server's side of RFC 6455 framing: unmasked frame heads and close payloads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dragoman::codec {

enum Opcode : std::uint8_t { op_continuation = 0, op_text = 1, op_binary = 2, op_close = 8, op_ping = 9, op_pong = 10 };

// 2, 4 or 10 bytes (RFC 6455 5.2).
constexpr std::size_t header_size(std::size_t payload) {
  return payload < 126 ? 2 : payload < 65536 ? 4 : 10;
}
// Writes header_size(payload) bytes, not masked. rsv1: compressed (RFC 7692 6); last: FIN set.
void write_header(char* out, std::uint8_t opcode, bool rsv1, std::size_t payload, bool last = true);

// Codes that may stand in a close frame (RFC 6455 7.4 and the IANA registry).
bool valid_close_code(std::uint16_t code);
// Code and reason, cut at a character to the 125 bytes of a control frame.
std::string close_payload(std::uint16_t code, std::string_view reason);

}  // namespace dragoman::codec
