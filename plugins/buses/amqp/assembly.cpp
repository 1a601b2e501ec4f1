// SPDX-License-Identifier: Apache-2.0
#include "assembly.hpp"

#include <stdexcept>
#include <utility>

#include "common/text.hpp"
#include "message.hpp"

namespace amqp {
namespace {

[[noreturn]] void broken() {
  throw std::runtime_error("it breaks the protocol");
}

// A body grows as it comes: its announced size may be a lie.
constexpr std::uint64_t reserved_at_most = 1 << 20;

}  // namespace

void Assembly::deliver(const amqp_basic_deliver_t& method) {
  if (state_ != State::idle) broken();
  state_ = State::begun;
  tag_ = method.delivery_tag;
  message_ = {};
  message_.channel = method.exchange.len ? std::string(view(method.exchange)) : default_channel_;
  message_.key = view(method.routing_key);
  good_ = buses::is_text(message_.channel) && buses::is_utf8(message_.key);
}

void Assembly::header(const amqp_frame_t& frame) {
  if (frame.payload.properties.class_id != AMQP_BASIC_CLASS || !frame.payload.properties.decoded) broken();
  state_ = State::body;
  left_ = frame.payload.properties.body_size;
  good_ = good_ && left_ <= most_;
  if (!good_) return;
  read_properties(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded), message_);
  message_.body.reserve(std::min(left_, reserved_at_most));
}

std::optional<Assembly::Delivered> Assembly::frame(const amqp_frame_t& frame) {
  if (state_ == State::begun && frame.frame_type == AMQP_FRAME_HEADER) {
    header(frame);
  } else if (state_ == State::body && frame.frame_type == AMQP_FRAME_BODY) {
    const std::string_view part = view(frame.payload.body_fragment);
    if (part.size() > left_) broken();
    left_ -= part.size();
    if (good_) message_.body += part;
  } else {
    broken();
  }
  if (left_ > 0) return std::nullopt;
  state_ = State::idle;
  Delivered out{tag_, std::nullopt, message_.channel};
  if (good_) {
    message_.complete();
    out.message = std::move(message_);
  }
  return out;
}

}  // namespace amqp
