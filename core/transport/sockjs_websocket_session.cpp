// SPDX-License-Identifier: Apache-2.0
#include "transport/sockjs_websocket_session.hpp"

#include "codec/sockjs_frame.hpp"
#include "codec/sockjs_payload.hpp"

namespace dragoman::transport {
namespace {

constexpr std::uint16_t broken_framing = 3000;  // digest 8.5

}  // namespace

event::Frame* sockjs_string(event::Frame* frame) {
  if (event::Frame* ready = frame->form(form_sockjs_string)) return ready;
  thread_local std::string text;
  text.clear();
  codec::append_sockjs_string(text, frame->payload_view());
  event::Frame* made = event::Frame::make(frame->kind(), frame->opcode(), 0, text.size(), frame->key());
  text.copy(made->payload(), text.size());
  frame->keep_form(form_sockjs_string, made);
  return made;
}

SockjsWebSocketSession::SockjsWebSocketSession(SessionHost& host, Compression& compression, net::Stream stream,
                                               std::uint8_t deflate_bits)
    : WebSocketSession(host, compression, std::move(stream), deflate_bits) {
  form_ = deflate_bits ? form_sockjs_deflate : form_sockjs;
}

void SockjsWebSocketSession::greet() {
  push_text(codec::sockjs_open);
}

void SockjsWebSocketSession::push_text(std::string_view frame) {
  const event::FramePtr made(make_websocket_frame(event::FrameKind::control, 1, frame, 0));
  queue_.push(made.get(), host_.loop.chunks());
  mark();
}

event::Frame* SockjsWebSocketSession::form_of(event::Frame* frame) {
  event::Frame* enveloped = frame->form(form_sockjs);
  if (!enveloped) {
    thread_local std::string text;
    text = "a[";
    codec::append_sockjs_string(text, frame->payload_view());
    text += ']';
    enveloped = make_websocket_frame(frame->kind(), 1, text, frame->key());
    frame->keep_form(form_sockjs, enveloped);
  }
  return form_ == form_sockjs_deflate ? compressed(enveloped, form_deflate) : enveloped;
}

// Digest 9: the SockJS code travels in the c frame, the WebSocket closes with 1000.
void SockjsWebSocketSession::begin_close(std::uint16_t code, std::string_view reason, End why) {
  if (why == End::protocol_error || why == End::too_large) return send_close_frame(code, reason);
  push_text(codec::sockjs_close(code, reason));
  send_close_frame(1000, "Normal closure");
}

bool SockjsWebSocketSession::take_message(int, std::string_view message) {
  std::vector<std::string> messages;
  if (codec::parse_sockjs_payload(message, codec::SockjsMode::websocket, {}, messages) != codec::SockjsPayload::ok) {
    fail(broken_framing, "Broken framing.");
    return false;
  }
  input_.add(std::move(messages));
  return drain();
}

bool SockjsWebSocketSession::drain() {
  input_.drain([this](const std::string& message) {
    message_arrived(1, message);
    return !paused_ && !closing_;
  });
  return !paused_ && !closing_;
}

void SockjsWebSocketSession::input_resumed() {
  if (input_.empty()) return WebSocketSession::input_resumed();
  host_.loop.post([this] {
    --posted_;
    if (!paused_ && !closing_) drain();
    // When it is closing too: the client's answer is read.
    if (!paused_) WebSocketSession::input_resumed();
    maybe_delete();
  });
  ++posted_;
}

void SockjsWebSocketSession::show_life() {
  push_text(codec::sockjs_heartbeat);
  WebSocketSession::show_life();
}

}  // namespace dragoman::transport
