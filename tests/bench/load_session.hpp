// SPDX-License-Identifier: Apache-2.0
// How a subscriber is connected: text messages in both directions, over whatever.
#pragma once

#include <functional>
#include <string_view>

namespace dragoman::bench {

class Session {
 public:
  using OnMessage = std::function<void(std::string_view)>;

  virtual ~Session() = default;
  virtual int fd() const = 0;
  // Messages may be sent.
  virtual bool open() const = 0;
  virtual bool deflate() const { return false; }
  // Sent by the next advance() or flush().
  virtual void queue_text(std::string_view text) = 0;
  virtual void flush() = 0;
  // Takes what has arrived. What a server should not do throws std::runtime_error. The text is valid during the call
  // only.
  virtual void advance(const OnMessage& on_message) = 0;
};

}  // namespace dragoman::bench
