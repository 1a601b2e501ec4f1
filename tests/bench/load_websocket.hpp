// SPDX-License-Identifier: Apache-2.0
// The client's side of a WebSocket (RFC 6455), as much as a benchmark needs: whole text messages from a trusted server,
// pings answered, permessage-deflate (RFC 7692) without context takeover for what the server says before events begin.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "load_session.hpp"
#include "load_socket.hpp"

namespace dragoman::bench {

// A frame of a client: text, masked (RFC 6455 5.3).
void append_text_frame(std::string& out, std::string_view text);

class WebSocket final : public Session {
 public:
  WebSocket(const Url& url, SSL_CTX* context, bool offer_deflate);

  int fd() const override { return stream_.fd(); }
  bool open() const override { return open_; }
  bool deflate() const override { return deflate_; }
  void queue_text(std::string_view text) override;
  void flush() override { stream_.flush(); }
  void queue_bytes(std::string_view frames) { stream_.queue(frames); }
  // A refused upgrade and a close frame throw, too.
  void advance(const OnMessage& on_message) override;

 private:
  std::string_view upgrade(std::string_view bytes);
  std::size_t take_frames(std::string_view bytes, const OnMessage& on_message);
  void take_frame(unsigned char first, std::string_view payload, const OnMessage& on_message);

  Stream stream_;
  bool open_ = false;
  bool deflate_ = false;
  std::string input_;  // the begin of what has not arrived as a whole yet; nearly always empty
};

}  // namespace dragoman::bench
