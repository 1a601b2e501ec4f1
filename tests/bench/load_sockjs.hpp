// SPDX-License-Identifier: Apache-2.0
// The client's side of SockJS, as much as a benchmark needs. `o` is handed on as a message, `h` is passed over, and
// anything but `a` after that is an error.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "load_session.hpp"
#include "load_socket.hpp"
#include "load_websocket.hpp"

namespace dragoman::bench {

// Over WebSocket: ws://…/SERVER/SESSION/websocket.
class SockjsWebSocket final : public Session {
 public:
  SockjsWebSocket(const Url& url, SSL_CTX* context) : socket_(url, context, false) {}

  int fd() const override { return socket_.fd(); }
  bool open() const override { return socket_.open(); }
  void queue_text(std::string_view text) override;
  void flush() override { socket_.flush(); }
  void advance(const OnMessage& on_message) override;

 private:
  WebSocket socket_;
};

// The connection over which all streams send, one request at a time.
class XhrSender {
 public:
  explicit XhrSender(const Url& url) : host_(url.host + ":" + std::to_string(url.port)), stream_(url, nullptr) {}

  int fd() const { return stream_.fd(); }
  void send(const std::string& target, std::string_view text);
  void advance();

 private:
  void send_next();

  std::string host_;
  Stream stream_;
  std::deque<std::string> requests_;  // the first is on its way
  std::string answer_;
};

// Listens at …/SERVER/SESSION/xhr_streaming, and sends to xhr_send beside it. The stream must not end.
class XhrStream final : public Session {
 public:
  // The sender outlives it.
  XhrStream(const Url& url, XhrSender& sender);

  int fd() const override { return stream_.fd(); }
  bool open() const override { return head_taken_; }
  void queue_text(std::string_view text) override { sender_.send(send_target_, text); }
  void flush() override { stream_.flush(); }
  void advance(const OnMessage& on_message) override;

 private:
  void take_head();
  void take_chunks();
  void take_lines(const OnMessage& on_message);

  XhrSender& sender_;
  std::string send_target_;
  Stream stream_;
  bool head_taken_ = false;
  std::size_t chunk_left_ = 0;  // bytes that still belong to the current chunk, with its CRLF
  std::string input_;           // as it came
  std::string lines_;           // without the chunked coding
};

}  // namespace dragoman::bench
