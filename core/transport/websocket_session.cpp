// SPDX-License-Identifier: Apache-2.0
#include "transport/websocket_session.hpp"

#include <algorithm>

#include "codec/utf8.hpp"
#include "codec/websocket_frame.hpp"

namespace dragoman::transport {
namespace {

constexpr std::uint8_t op_close = 8, op_ping = 9, op_pong = 10;
constexpr std::size_t worth_compressing = 64;

constexpr std::int64_t tick_ms = base::TimerWheel::tick_ms;

std::uint32_t tick_in(std::int64_t delay_ms) {
  return static_cast<std::uint32_t>((base::monotonic_ms() + delay_ms + tick_ms - 1) / tick_ms);
}

// Spread over a tenth, so that sessions opened together are not pinged together for ever.
std::int64_t jittered(std::int64_t ms) {
  thread_local std::uint32_t state = 0x9e3779b9u;
  state = state * 1664525u + 1013904223u;
  const std::int64_t tenth = ms / 10;
  return tenth ? ms - static_cast<std::int64_t>((state >> 8) % static_cast<std::uint32_t>(tenth)) : ms;
}

}  // namespace

event::Frame* make_websocket_frame(event::FrameKind kind, int opcode, std::string_view payload, std::uint64_t key) {
  const auto op = static_cast<std::uint8_t>(opcode);
  event::Frame* frame = event::Frame::make(kind, op, codec::header_size(payload.size()), payload.size(), key);
  codec::write_header(frame->head(), op, false, payload.size());
  std::copy(payload.begin(), payload.end(), frame->payload());
  return frame;
}

WebSocketSession::WebSocketSession(SessionHost& host, Compression& compression, net::Stream stream,
                                   std::uint8_t deflate_bits)
    : Session(host),
      compression_(compression),
      deflate_bits_(deflate_bits),
      stream_(std::move(stream)),
      decoder_(deflate_bits != 0),
      timer_([](void* self) { static_cast<WebSocketSession*>(self)->on_timer(); }, this) {
  if (deflate_bits) form_ = form_deflate;
}

WebSocketSession::~WebSocketSession() = default;

void WebSocketSession::start(std::string leftover) {
  if (host_.limits.ping_interval_ms) ping_at_ = tick_in(jittered(host_.limits.ping_interval_ms));
  if (host_.limits.idle_ms) idle_by_ = tick_in(host_.limits.idle_ms);
  schedule();
  if (paused_ && !closing_ && !leftover.empty()) {
    unread_ = std::make_unique<std::string>(std::move(leftover));
  } else if (!leftover.empty()) {
    if (!take_input(leftover)) return maybe_delete();
  }
  if (!paused_ && stream_.is_open()) wait_input();
}

void WebSocketSession::abort() {
  close_stream();
  queue_.clear(host_.loop.chunks());
  end(1006, "", End::shutdown);
  mark();
}

event::FramePtr WebSocketSession::make_frame(event::FrameKind kind, int opcode, std::string_view payload) {
  return event::FramePtr(make_websocket_frame(kind, opcode, payload, 0));
}

event::FramePtr WebSocketSession::make_part(int opcode, std::string_view part, bool first, bool last) {
  const auto op = static_cast<std::uint8_t>(first ? opcode : 0);
  event::FramePtr frame(
      event::Frame::make(event::FrameKind::reply, op, codec::header_size(part.size()), part.size(), 0));
  codec::write_header(frame->head(), op, false, part.size(), last);
  std::copy(part.begin(), part.end(), frame->payload());
  return frame;
}

event::Frame* WebSocketSession::form_of(event::Frame* frame) {
  return compressed(frame, form_deflate);
}

event::Frame* WebSocketSession::compressed(event::Frame* frame, std::uint8_t form) {
  const std::string_view payload = frame->payload_view();
  // All sessions share one compressed form, which may look back as far as its message is long.
  if (payload.size() > std::size_t{1} << deflate_bits_ && deflate_bits_ < 15) return frame;
  if (event::Frame* ready = frame->form(form)) return ready;
  event::Frame* made = frame;
  if (frame->kind() != event::FrameKind::control && payload.size() >= worth_compressing) {
    std::string& out = compression_.scratch;
    out.clear();
    compression_.deflater.compress(payload, out);
    if (out.size() < payload.size()) {
      made =
          event::Frame::make(frame->kind(), frame->opcode(), codec::header_size(out.size()), out.size(), frame->key());
      codec::write_header(made->head(), frame->opcode(), true, out.size());
      std::copy(out.begin(), out.end(), made->payload());
    }
  }
  frame->keep_form(form, made);
  return made;
}

// ---- input

void WebSocketSession::wait_input() {
  if (waiting_read_ || !stream_.is_open()) return;
  waiting_read_ = true;
  stream_.wait_readable([this](boost::system::error_code error) {
    waiting_read_ = false;
    if (!error) read();
    maybe_delete();
  });
}

void WebSocketSession::read() {
  for (int round = 0; round < 4; ++round) {
    // What came before is taken first, by input_resumed().
    if (!stream_.is_open() || unread_ || (paused_ && !closing_)) return;
    auto& buffer = host_.loop.read_buffer();
    const net::IoResult result = stream_.read(buffer);
    switch (result.status) {
      case net::IoStatus::ok:
        pong_by_ = 0;
        if (!take_input({buffer.data(), result.bytes})) return;
        // A buffer that was not filled has emptied a plain socket; TLS may hold more.
        if (result.bytes < buffer.size() && !stream_.encrypted()) return wait_input();
        continue;
      case net::IoStatus::wait_read:
        return wait_input();
      case net::IoStatus::wait_write:
        return wait_output();
      default:
        return lost();
    }
  }
  wait_input();
}

bool WebSocketSession::take_input(std::span<char> input) {
  const codec::DecoderLimits limits{host_.limits.message_bytes, host_.limits.message_bytes, host_.limits.fragments};
  // While the session is closing, the answer to our close may stand behind what nobody wants any more.
  do {
    if (broken_input_) return true;
    in_input_ = true;
    const auto result = decoder_.feed(input, *this, limits, deflate_bits_ ? &compression_.inflater : nullptr);
    in_input_ = false;
    if (result.error_code) fail(result.error_code, result.error_text);
    input = input.subspan(result.consumed);
    if (paused_ && !closing_) {
      if (!input.empty()) {
        if (!unread_) unread_ = std::make_unique<std::string>();
        unread_->append(input.data(), input.size());
      }
      return false;
    }
  } while (closing_ && !input.empty());
  return stream_.is_open();
}

void WebSocketSession::input_resumed() {
  // Resuming inside the hook that paused simply lets the loop above go on.
  if (in_input_ || resume_posted_) return;
  resume_posted_ = true;
  host_.loop.post([this] {
    resume_posted_ = false;
    if (!paused_ && stream_.is_open()) {
      const std::unique_ptr<std::string> input = std::move(unread_);
      if (!input || take_input(*input)) wait_input();
    }
    maybe_delete();
  });
}

bool WebSocketSession::on_message(std::uint8_t opcode, std::string_view message) {
  if (closing_) return true;
  if (host_.limits.idle_ms) idle_by_ = tick_in(host_.limits.idle_ms);
  return take_message(opcode, message);
}

bool WebSocketSession::take_message(int opcode, std::string_view message) {
  message_arrived(opcode, message);
  return !paused_ && !closing_;
}

bool WebSocketSession::control_allowed() {
  const auto second = static_cast<std::uint32_t>(base::monotonic_ms() / 1000);
  if (second != control_window_) {
    control_window_ = second;
    control_count_ = 0;
  }
  if (control_count_ < host_.limits.control_per_second) {
    ++control_count_;
    return true;
  }
  close(1008, "too many control frames", End::control_flood);
  return false;
}

bool WebSocketSession::on_ping(std::string_view payload) {
  if (!control_allowed()) return false;
  if (!closing_) push_control(op_pong, payload);
  return true;
}

bool WebSocketSession::on_pong(std::string_view) {
  return control_allowed();
}

bool WebSocketSession::on_close(std::uint16_t code, std::string_view reason) {
  peer_closed_ = true;
  broken_input_ = true;
  if (!close_sent_) {
    close_sent_ = true;
    push_control(op_close, code == 1005 ? std::string() : codec::close_payload(code, ""));
  }
  close_by_ = tick_in(host_.limits.close_timeout_ms);
  end(code, reason, End::by_client);
  mark();
  schedule();
  return false;
}

void WebSocketSession::fail(std::uint16_t code, std::string_view reason) {
  broken_input_ = true;
  close(code, reason, code == 1009 ? End::too_large : End::protocol_error);
  // It may have been closing already, then for an answer that is not read now.
  mark();
}

void WebSocketSession::lost() {
  close_stream();
  queue_.clear(host_.loop.chunks());
  end(1006, "", End::lost);
}

// ---- output

void WebSocketSession::push_control(std::uint8_t opcode, std::string_view payload) {
  const event::FramePtr frame(make_websocket_frame(event::FrameKind::control, opcode, payload, 0));
  queue_.push(frame.get(), host_.loop.chunks());
  mark();
}

void WebSocketSession::begin_close(std::uint16_t code, std::string_view reason, End) {
  send_close_frame(code, reason);
}

void WebSocketSession::send_close_frame(std::uint16_t code, std::string_view reason) {
  if (close_sent_ || !stream_.is_open()) return;
  close_sent_ = true;
  push_control(op_close, code == 1005 ? std::string() : codec::close_payload(code, reason));
  close_by_ = tick_in(host_.limits.close_timeout_ms);
  schedule();
  // The answer to our close is read even if the dialect had paused.
  if (paused_) {
    paused_ = false;
    input_resumed();
  }
}

void WebSocketSession::wait_output() {
  if (waiting_write_) return;
  waiting_write_ = true;
  stream_.wait_writable([this](boost::system::error_code error) {
    waiting_write_ = false;
    if (!error) {
      write_queue();
      // TLS may have wanted to write in order to read.
      if (stream_.encrypted() && !waiting_read_ && !paused_) read();
    }
    maybe_delete();
  });
}

void WebSocketSession::write_queue() {
  if (!stream_.is_open() || waiting_write_) return;
  // A client that keeps up has one frame waiting: the common case costs one system call and little else.
  if (event::Frame* frame = queue_.only(); frame && !stream_.encrypted() && !close_sent_) {
    const std::string_view wire = frame->wire();
    const net::IoResult result = stream_.send(wire.data(), wire.size());
    if (result.status == net::IoStatus::ok) host_.counters.bytes_out.add(result.bytes);
    if (result.bytes == wire.size()) {
      queue_.clear(host_.loop.chunks());
      stall_by_ = 0;
      return after_write();
    }
    queue_.consume(result.bytes, host_.loop.chunks());
  }
  write_pieces();
}

void WebSocketSession::write_pieces() {
  iovec pieces[64];
  bool moved = false;
  for (;;) {
    std::size_t total = 0;
    std::size_t count = 1;
    if (const std::string_view joined = host_.loop.frame_run().joined(queue_); !joined.empty()) {
      total = joined.size();
      pieces[0] = {const_cast<char*>(joined.data()), total};
    } else {
      count = queue_.gather(pieces, 64, total);
    }
    if (!count && !stream_.encrypted()) break;
    const net::IoResult result = stream_.write(pieces, count);
    if (result.bytes) {
      host_.counters.bytes_out.add(result.bytes);
      if (result.bytes == total && count < 64)
        queue_.clear(host_.loop.chunks());
      else
        queue_.consume(result.bytes, host_.loop.chunks());
      moved = true;
    }
    if (result.status == net::IoStatus::ok) {
      if (queue_.empty()) break;
      continue;
    }
    if (result.status == net::IoStatus::failed || result.status == net::IoStatus::closed) return lost();
    if (host_.limits.write_stall_ms && (moved || !stall_by_)) {
      stall_by_ = tick_in(host_.limits.write_stall_ms);
      schedule();
    }
    after_write();
    if (result.status == net::IoStatus::wait_write) wait_output();
    return;
  }
  stall_by_ = 0;
  after_write();
  if (close_sent_ && queue_.empty()) hang_up();
}

// RFC 6455 7.1.1: the server ends the TCP connection at once, after a failure too (7.1.7). Then input may be on its
// way, and to close with that unread would reset the connection before the client has read the reason.
void WebSocketSession::hang_up() {
  if (!peer_closed_ && !broken_input_) return;
  if (!send_shut_) stream_.shutdown_send();
  send_shut_ = true;
  if (peer_closed_) close_stream();
}

// ---- time

void WebSocketSession::schedule() {
  std::int64_t next = 0;
  const auto consider = [&](std::int64_t at) {
    if (at && (!next || at < next)) next = at;
  };
  consider(close_by_ * tick_ms);
  consider(stall_by_ * tick_ms);
  if (!closing_) {
    consider(pong_by_ * tick_ms);
    consider(ping_at_ * tick_ms);
    consider(idle_by_ * tick_ms);
    if (message_deadline_) consider(message_deadline_->at_ms);
  }
  if (next) host_.loop.arm(timer_, std::max<std::int64_t>(next - base::monotonic_ms(), 0));
}

void WebSocketSession::on_timer() {
  on_timer_checked();
  if (stream_.is_open()) schedule();
  maybe_delete();
}

void WebSocketSession::on_timer_checked() {
  const std::int64_t now = base::monotonic_ms();
  const auto due = [now](std::uint32_t tick) { return tick && tick * tick_ms <= now; };
  if (due(stall_by_)) {
    queue_.clear(host_.loop.chunks());
    end(1006, "", End::write_stall);
    return close_stream();
  }
  if (due(close_by_)) return close_stream();
  if (closing_) return;
  if (message_deadline_ && message_deadline_->at_ms <= now) {
    const auto deadline = std::move(message_deadline_);
    return close(deadline->code, deadline->reason, End::no_first_message);
  }
  if (due(idle_by_)) return close(1001, "idle", End::idle);
  // A paused session does not read, so a pong may be waiting unread.
  if (due(pong_by_)) {
    if (!paused_) return close(1011, "keepalive ping timeout", End::ping_timeout);
    pong_by_ = tick_in(host_.limits.pong_timeout_ms);
  }
  if (due(ping_at_)) {
    ping_at_ = tick_in(jittered(host_.limits.ping_interval_ms));
    show_life();
    if (host_.limits.pong_timeout_ms && !pong_by_) pong_by_ = tick_in(host_.limits.pong_timeout_ms);
  }
}

}  // namespace dragoman::transport
