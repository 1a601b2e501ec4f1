// SPDX-License-Identifier: Apache-2.0
// Puts messages together from the frames of a channel. One thread.
#pragma once
#include <amqp.h>
#include <amqp_framing.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "common/message.hpp"

namespace amqp {

class Assembly {
 public:
  // default_channel: of messages of the default exchange. most: bytes of a body.
  Assembly(std::string default_channel, std::size_t most) : default_channel_(std::move(default_channel)), most_(most) {}
  struct Delivered {
    std::uint64_t tag;
    std::optional<buses::Incoming> message;  // nothing: it is no event, `exchange` is where it came from
    std::string exchange;
  };
  // Forgets what has begun: a new connection.
  void begin() { state_ = State::idle; }
  void deliver(const amqp_basic_deliver_t& method);
  // The next frame of what deliver() has begun: its header or a part of its body. Nothing: there is more to come.
  // Throws std::runtime_error for what breaks the protocol.
  std::optional<Delivered> frame(const amqp_frame_t& frame);

 private:
  const std::string default_channel_;
  const std::size_t most_;
  void header(const amqp_frame_t& frame);
  enum class State { idle, begun, body } state_ = State::idle;
  std::uint64_t tag_ = 0, left_ = 0;
  bool good_ = false;
  buses::Incoming message_;
};

}  // namespace amqp
