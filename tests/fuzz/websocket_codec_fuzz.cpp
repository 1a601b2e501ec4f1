// SPDX-License-Identifier: Apache-2.0
// The decoder: any input, whole and in pieces, must give the same and stay within its limits.
#include <cstdlib>
#include <string>
#include <vector>

#include "codec/websocket_decoder.hpp"
#include "codec/websocket_frame.hpp"

namespace {

using namespace dragoman::codec;

struct Record final : DecoderSink {
  std::vector<std::string> seen;
  bool on_message(std::uint8_t opcode, std::string_view m) override {
    if (m.size() > 4096 || (opcode == op_text && !valid_utf8(m))) std::abort();
    seen.push_back(std::to_string(opcode) + std::string(m));
    return true;
  }
  bool on_ping(std::string_view p) override { return seen.push_back("ping" + std::string(p)), true; }
  bool on_pong(std::string_view p) override { return seen.push_back("pong" + std::string(p)), true; }
  bool on_close(std::uint16_t code, std::string_view r) override {
    return seen.push_back("close" + std::to_string(code) + std::string(r)), true;
  }
};

Record decode(std::string bytes, std::size_t step, bool deflate, std::uint16_t& error) {
  static Inflater inflater;
  WebSocketDecoder decoder(deflate);
  Record sink;
  error = 0;
  for (std::size_t at = 0; at < bytes.size() && !error; at += step)
    error =
        decoder.feed(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)), sink, {4096, 2048, 16}, &inflater)
            .error_code;
  return sink;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = data[0] % 16 + 1;
  const bool deflate = data[1] & 1;
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::uint16_t whole_error, pieces_error;
  const Record whole = decode(bytes, bytes.size() + 1, deflate, whole_error),
               pieces = decode(bytes, step, deflate, pieces_error);
  // Text in pieces may fail earlier than a frame that is too large behind it is seen; what was delivered is the same.
  if (whole.seen != pieces.seen || (whole_error == 0) != (pieces_error == 0)) std::abort();
  return 0;
}
