// SPDX-License-Identifier: Apache-2.0
#include "codec/websocket_decoder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec/websocket_frame.hpp"

namespace dragoman::codec {

// What is kept of frames and messages that are not complete.
struct WebSocketDecoder::Message {
  std::string data;     // of earlier fragments and of the part of this frame that is here
  std::string control;  // of a control frame that is not complete
  Utf8Validator utf8;
  std::uint32_t fragments = 0;
  bool compressed = false;
};

WebSocketDecoder::WebSocketDecoder(bool deflate) : deflate_(deflate) {}
WebSocketDecoder::~WebSocketDecoder() = default;

WebSocketDecoder::Message& WebSocketDecoder::message() {
  if (!message_) message_ = std::make_unique<Message>();
  return *message_;
}

void WebSocketDecoder::forget_message_if_idle() {
  if (!opcode_ && !in_payload_) message_.reset();
}

namespace {

void unmask(char* data, std::size_t size, const std::uint8_t* key, std::uint8_t& at) {
  std::uint8_t rotated[4];
  for (unsigned i = 0; i < 4; ++i) rotated[i] = key[(at + i) & 3];
  std::uint32_t half;
  std::memcpy(&half, rotated, 4);
  const std::uint64_t whole = std::uint64_t{half} << 32 | half;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, data + i, 8);
    word ^= whole;
    std::memcpy(data + i, &word, 8);
  }
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ static_cast<char>(rotated[i & 3]));
  at = static_cast<std::uint8_t>((at + size) & 3);
}

bool stop(DecodeResult& result, std::uint16_t code, const char* text) {
  result.error_code = code;
  result.error_text = text;
  return false;
}

}  // namespace

// Judges as much of the head as is here; the text of a protocol error, or null.
const char* WebSocketDecoder::read_head(DecodeResult& result, const DecoderLimits& limits) {
  const std::uint8_t first = head_[0], second = head_[1], opcode = first & 0x0f;
  const bool fin = first & 0x80, rsv1 = first & 0x40, control = opcode & 0x08;
  if (head_size_ == 2) {
    if (first & 0x30) return "reserved bits are set";
    if (opcode > 10 || (opcode > 2 && opcode < 8)) return "reserved opcode";
    if (!(second & 0x80)) return "client frames must be masked";
    if (control) {
      if (rsv1) return "reserved bits are set";
      if (!fin) return "fragmented control frame";
      if ((second & 0x7f) > 125) return "control frame too long";
    } else if (opcode == 0) {
      if (!opcode_) return "continuation without a message";
      if (rsv1) return "reserved bits are set";
    } else {
      if (opcode_) return "new message inside a message";
      if (rsv1 && !deflate_) return "reserved bits are set";
    }
    const std::uint8_t length = second & 0x7f;
    head_wanted_ = static_cast<std::uint8_t>(length == 126 ? 8 : length == 127 ? 14 : 6);
    return nullptr;
  }
  const std::uint8_t short_length = second & 0x7f;
  std::uint64_t length = short_length;
  if (short_length == 126) length = std::uint64_t{head_[2]} << 8 | head_[3];
  if (short_length == 127) {
    length = 0;
    for (int i = 2; i < 10; ++i) length = length << 8 | head_[i];
    if (length >> 63) return "frame length out of range";
  }
  if ((short_length == 126 && length < 126) || (short_length == 127 && length < 65536))
    return "frame length not minimal";
  if (!control) {
    const std::size_t before = message_ ? message_->data.size() : 0;
    const bool compressed = opcode == 0 ? message_ && message_->compressed : rsv1;
    const std::size_t bound = compressed ? limits.wire_message_bytes : limits.message_bytes;
    if (length > bound - std::min(bound, before)) {
      stop(result, 1009, "message too big");
      return nullptr;
    }
    if (opcode != 0) opcode_ = opcode;
    if (!fin || opcode == 0) {
      Message& m = message();
      if (opcode != 0) m.compressed = rsv1;
      if (++m.fragments > limits.fragments) {
        stop(result, 1008, "too many fragments");
        return nullptr;
      }
    }
  }
  left_ = length;
  mask_at_ = 0;
  in_payload_ = true;
  return nullptr;
}

DecodeResult WebSocketDecoder::feed(std::span<char> input, DecoderSink& sink, const DecoderLimits& limits,
                                    Inflater* inflater) {
  DecodeResult result;
  while (!result.error_code) {
    if (!in_payload_) {
      while (head_size_ < head_wanted_) {
        if (result.consumed == input.size()) return result;
        head_[head_size_++] = static_cast<std::uint8_t>(input[result.consumed++]);
      }
      const char* wrong = read_head(result, limits);
      if (wrong) stop(result, 1002, wrong);
      if (result.error_code || !in_payload_) continue;
    }

    const std::size_t here = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - result.consumed));
    char* data = input.data() + result.consumed;
    if (here) unmask(data, here, head_ + head_wanted_ - 4, mask_at_);
    result.consumed += here;
    left_ -= here;
    const bool control = head_[0] & 0x08;
    const std::string_view piece(data, here);
    const bool whole_frame_here =
        here == 0 || !message_ || (control ? message_->control.empty() : message_->data.empty());
    const bool frame_done = left_ == 0;

    if (!control && opcode_ == op_text) {
      const bool compressed = message_ && message_->fragments ? message_->compressed : head_[0] & 0x40;
      // A message that is here in one piece is checked at its end; one that comes in pieces fails as early as it can.
      if (!compressed && (!frame_done || (message_ && (message_->fragments || !message_->data.empty())))) {
        if (!message().utf8.feed(piece)) {
          stop(result, 1007, "text is not UTF-8");
          break;
        }
      }
    }
    if (!frame_done) {
      Message& m = message();
      if (!control && m.fragments == 0) m.compressed = head_[0] & 0x40;
      (control ? m.control : m.data).append(piece);
      return result;
    }

    // The frame is complete; its payload stands in the input unless a part of it came before.
    in_payload_ = false;
    head_size_ = 0;
    head_wanted_ = 2;
    bool go_on;
    if (control) {
      if (whole_frame_here && (!message_ || message_->control.empty())) {
        go_on = finish_control(result, piece, sink);
      } else {
        message_->control.append(piece);
        const std::string payload = std::move(message_->control);
        message_->control.clear();
        go_on = finish_control(result, payload, sink);
      }
      forget_message_if_idle();
    } else {
      go_on = finish_frame(result, piece, sink, limits, inflater);
    }
    if (!go_on) break;
  }
  return result;
}

bool WebSocketDecoder::finish_control(DecodeResult& result, std::string_view payload, DecoderSink& sink) {
  switch (head_[0] & 0x0f) {
    case op_ping:
      return sink.on_ping(payload);
    case op_pong:
      return sink.on_pong(payload);
    default:
      if (payload.empty()) return sink.on_close(1005, {});
      if (payload.size() == 1) return stop(result, 1002, "close code cut short");
      const auto code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                                   static_cast<std::uint8_t>(payload[1]));
      if (!valid_close_code(code)) return stop(result, 1002, "invalid close code");
      if (!valid_utf8(payload.substr(2))) return stop(result, 1007, "close reason is not UTF-8");
      return sink.on_close(code, payload.substr(2));
  }
}

bool WebSocketDecoder::finish_frame(DecodeResult& result, std::string_view payload, DecoderSink& sink,
                                    const DecoderLimits& limits, Inflater* inflater) {
  const bool fin = head_[0] & 0x80;
  if (!fin) {
    message().data.append(payload);
    return true;
  }
  if (message_ && (message_->fragments || !message_->data.empty())) {
    message_->data.append(payload);
    // The sink may feed or destroy nothing of this decoder, but the next message must not see this one.
    const std::unique_ptr<Message> whole = std::move(message_);
    message_ = nullptr;
    if (opcode_ == op_text && !whole->compressed && !whole->utf8.complete())
      return stop(result, 1007, "text is not UTF-8");
    const bool compressed = whole->compressed;
    if (!compressed) {
      const std::uint8_t opcode = std::exchange(opcode_, std::uint8_t{0});
      return sink.on_message(opcode, whole->data);
    }
    return finish_message(result, whole->data, sink, limits, inflater);
  }
  message_.reset();
  if (head_[0] & 0x40) return finish_message(result, payload, sink, limits, inflater);
  const std::uint8_t opcode = std::exchange(opcode_, std::uint8_t{0});
  if (opcode == op_text && !valid_utf8(payload)) return stop(result, 1007, "text is not UTF-8");
  return sink.on_message(opcode, payload);
}

bool WebSocketDecoder::finish_message(DecodeResult& result, std::string_view payload, DecoderSink& sink,
                                      const DecoderLimits& limits, Inflater* inflater) {
  std::string inflated;
  const std::uint8_t opcode = std::exchange(opcode_, std::uint8_t{0});
  switch (inflater->inflate(payload, inflated, limits.message_bytes)) {
    case InflateStatus::too_large:
      return stop(result, 1009, "message too big");
    case InflateStatus::bad_data:
      return stop(result, 1007, "compressed data is broken");
    default:
      break;
  }
  if (opcode == op_text && !valid_utf8(inflated)) return stop(result, 1007, "text is not UTF-8");
  return sink.on_message(opcode, inflated);
}

}  // namespace dragoman::codec
