// SPDX-License-Identifier: Apache-2.0
#include "codec/websocket_frame.hpp"

#include "codec/utf8.hpp"

namespace dragoman::codec {

void write_header(char* out, std::uint8_t opcode, bool rsv1, std::size_t payload, bool last) {
  *out++ = static_cast<char>((last ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode);
  if (payload < 126) {
    *out = static_cast<char>(payload);
    return;
  }
  const int bytes = payload < 65536 ? 2 : 8;
  *out++ = static_cast<char>(bytes == 2 ? 126 : 127);
  for (int i = bytes - 1; i >= 0; --i) *out++ = static_cast<char>(static_cast<std::uint64_t>(payload) >> (8 * i));
}

bool valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string out;
  out += static_cast<char>(code >> 8);
  out += static_cast<char>(code);
  out += cut_utf8(reason, 123);
  return out;
}

}  // namespace dragoman::codec
