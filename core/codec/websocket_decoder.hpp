// SPDX-License-Identifier: Apache-2.0
// The client's frames, from bytes to messages (RFC 6455 5, 7.4, 8.1; RFC 7692 6). No I/O; a few words when nothing is
// half read.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "codec/deflate.hpp"
#include "codec/utf8.hpp"

namespace dragoman::codec {

struct DecoderLimits {
  std::size_t message_bytes = 1 << 20;       // of one message, after inflating
  std::size_t wire_message_bytes = 1 << 20;  // of one message as it came
  std::uint32_t fragments = 131072;          // of one message
};

// Receives what was decoded; views are valid during the call. false stops feed() behind this frame.
class DecoderSink {
 public:
  virtual bool on_message(std::uint8_t opcode, std::string_view message) = 0;
  virtual bool on_ping(std::string_view payload) = 0;
  virtual bool on_pong(std::string_view payload) = 0;
  // 1005 when the frame held no code.
  virtual bool on_close(std::uint16_t code, std::string_view reason) = 0;

 protected:
  ~DecoderSink() = default;
};

struct DecodeResult {
  std::size_t consumed = 0;
  std::uint16_t error_code = 0;  // the close code to answer with, 0 = none; after an error nothing more can be decoded
  const char* error_text = "";
};

class WebSocketDecoder {
 public:
  // deflate: permessage-deflate was negotiated.
  explicit WebSocketDecoder(bool deflate);

  // Unmasks `input` in place. Takes all of it unless the sink stops or an error is found. inflater: needed with
  // deflate.
  DecodeResult feed(std::span<char> input, DecoderSink& sink, const DecoderLimits& limits, Inflater* inflater);

 private:
  struct Message;
  struct Head;

  const char* read_head(DecodeResult& result, const DecoderLimits& limits);
  bool finish_frame(DecodeResult& result, std::string_view payload, DecoderSink& sink, const DecoderLimits& limits,
                    Inflater* inflater);
  bool finish_control(DecodeResult& result, std::string_view payload, DecoderSink& sink);
  bool finish_message(DecodeResult& result, std::string_view payload, DecoderSink& sink, const DecoderLimits& limits,
                      Inflater* inflater);
  Message& message();
  void forget_message_if_idle();

 public:
  ~WebSocketDecoder();
  WebSocketDecoder(const WebSocketDecoder&) = delete;
  WebSocketDecoder& operator=(const WebSocketDecoder&) = delete;

 private:
  std::unique_ptr<Message> message_;  // only while something is half read
  std::uint64_t left_ = 0;            // payload bytes of the current frame still to come
  std::uint8_t head_[14];
  std::uint8_t head_size_ = 0;  // bytes of the head that are here
  std::uint8_t head_wanted_ = 2;
  std::uint8_t mask_at_ = 0;  // position in the masking key
  std::uint8_t opcode_ = 0;   // of the message in progress, 0 = none
  bool in_payload_ = false;
  const bool deflate_;
};

}  // namespace dragoman::codec
