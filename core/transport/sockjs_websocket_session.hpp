// SPDX-License-Identifier: Apache-2.0
// SockJS over a WebSocket (SockJS digest section 9): its lifetime is that of the connection.
#pragma once
#include "transport/sockjs_input.hpp"
#include "transport/websocket_session.hpp"

namespace dragoman::transport {

// A message as a JSON string, kept with its frame; what a[...] is made of.
event::Frame* sockjs_string(event::Frame* frame);

class SockjsWebSocketSession final : public WebSocketSession {
 public:
  SockjsWebSocketSession(SessionHost& host, Compression& compression, net::Stream stream, std::uint8_t deflate_bits);
  void greet() override;

 private:
  event::FramePtr make_part(int, std::string_view, bool, bool) override { return {}; }
  event::Frame* form_of(event::Frame* frame) override;
  void begin_close(std::uint16_t code, std::string_view reason, End why) override;
  bool take_message(int opcode, std::string_view message) override;
  void show_life() override;
  void input_resumed() override;
  void push_text(std::string_view frame);
  bool drain();

  bool finished() const override { return WebSocketSession::finished() && !posted_; }

  SockjsInput input_;
  unsigned posted_ = 0;
};

}  // namespace dragoman::transport
