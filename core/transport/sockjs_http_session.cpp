// SPDX-License-Identifier: Apache-2.0
#include "transport/sockjs_http_session.hpp"

#include <algorithm>

#include "codec/sockjs_frame.hpp"
#include "transport/sockjs_websocket_session.hpp"

namespace dragoman::transport {
namespace {

constexpr std::size_t most_waiting_messages = 10000;
// One frame holds at most so much, so that a long queue does not become one string.
constexpr std::size_t frame_bytes = 64 << 10;
constexpr std::size_t frame_messages = 1024;

}  // namespace

SockjsHttpSession::SockjsHttpSession(SessionHost& host, SockjsSessions& sessions, const SockjsLimits& limits,
                                     std::string key)
    : Session(host),
      sessions_(sessions),
      limits_(limits),
      key_(std::move(key)),
      timer_([](void* self) { static_cast<SockjsHttpSession*>(self)->on_timer(); }, this),
      alone_since_ms_(base::monotonic_ms()),
      idle_since_ms_(alone_since_ms_) {
  form_ = form_sockjs_string;
  sessions_.sessions_[key_] = this;
}

SockjsHttpSession::~SockjsHttpSession() {
  forget();
}

void SockjsHttpSession::forget() {
  const auto found = sessions_.sessions_.find(key_);
  if (found != sessions_.sessions_.end() && found->second == this) sessions_.sessions_.erase(found);
}

void SockjsHttpSession::over() {
  over_ = true;
  forget();
}

event::FramePtr SockjsHttpSession::make_frame(event::FrameKind kind, int opcode, std::string_view payload) {
  return event::FramePtr(make_websocket_frame(kind, opcode, payload, 0));
}

event::Frame* SockjsHttpSession::form_of(event::Frame* frame) {
  return sockjs_string(frame);
}

// ---- out

void SockjsHttpSession::attach(std::unique_ptr<SockjsReceiver> receiver, std::size_t limit) {
  receiver_ = std::move(receiver);
  left_ = limit;
  attached_ms_ = base::monotonic_ms();
  schedule();
  mark();
}

void SockjsHttpSession::write_frame(std::string_view frame) {
  // When the connection breaks now, receiver_lost() must not delete what is in use here.
  std::unique_ptr<SockjsReceiver> receiver = std::move(receiver_);
  const std::size_t octets = receiver->write(frame);
  if (over_) return;
  receiver_ = std::move(receiver);
  host_.counters.bytes_out.add(octets);
  left_ -= std::min(left_, octets);
  if (left_ == 0) detach();
}

void SockjsHttpSession::detach() {
  const std::unique_ptr<SockjsReceiver> done = std::move(receiver_);
  alone_since_ms_ = base::monotonic_ms();
  done->end();
  schedule();
}

void SockjsHttpSession::write_messages() {
  std::vector<std::string_view> strings;
  std::size_t bytes = 0;
  iovec pieces[frame_messages];
  std::size_t total = 0;
  const std::size_t count = queue_.gather(pieces, std::size(pieces), total);
  for (std::size_t i = 0; i < count && (i == 0 || bytes + pieces[i].iov_len <= frame_bytes); ++i) {
    strings.emplace_back(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    bytes += pieces[i].iov_len;
  }
  thread_local std::string frame;
  frame.clear();
  codec::append_sockjs_messages(frame, strings);
  queue_.consume(bytes, host_.loop.chunks());
  write_frame(frame);
}

void SockjsHttpSession::write_queue() {
  if (receiver_ && !opened_) {
    opened_ = true;
    write_frame(codec::sockjs_open);
  }
  while (receiver_ && receiver_->writable() && !queue_.empty()) write_messages();
  // Digest 8.3: what is queued, then the close frame; a poll that had messages gets it with the next.
  if (receiver_ && queue_.empty() && !close_frame_.empty()) {
    left_ = 1;
    write_frame(close_frame_);
  }
  after_write();
  if (leaving_ && !receiver_) over();
}

void SockjsHttpSession::begin_close(std::uint16_t code, std::string_view reason, End) {
  close_frame_ = codec::sockjs_close(code, reason);
  alone_since_ms_ = base::monotonic_ms();
  input_.clear();
  schedule();
  mark();
}

// ---- in

bool SockjsHttpSession::receive(std::vector<std::string> messages) {
  if (closing_) return true;
  if (input_.size() > most_waiting_messages || input_.bytes() > host_.limits.message_bytes) return false;
  idle_since_ms_ = base::monotonic_ms();
  input_.add(std::move(messages));
  // No time comes nearer by this, and a timer that is armed again and again would never be due.
  drain();
  return true;
}

void SockjsHttpSession::drain() {
  if (paused_) return;
  input_.drain([this](const std::string& message) {
    message_arrived(1, message);
    return !paused_ && !closing_;
  });
}

void SockjsHttpSession::input_resumed() {
  ++posted_;
  host_.loop.post([this] {
    --posted_;
    if (!closing_) drain();
    maybe_delete();
  });
}

// ---- the end

void SockjsHttpSession::receiver_lost() {
  receiver_.reset();
  queue_.clear(host_.loop.chunks());
  close_frame_.clear();
  over();
  closing_ = true;
  end(1006, "", End::lost);
  mark();
}

void SockjsHttpSession::abort() {
  receiver_.reset();
  queue_.clear(host_.loop.chunks());
  over();
  end(1006, "", End::shutdown);
  mark();
}

void SockjsHttpSession::leave() {
  leaving_ = true;
  mark();
}

void SockjsHttpSession::schedule() {
  if (over_) return;
  std::int64_t at = receiver_ ? attached_ms_ + limits_.heartbeat_ms : alone_since_ms_ + limits_.disconnect_ms;
  if (!closing_) {
    if (host_.limits.idle_ms) at = std::min<std::int64_t>(at, idle_since_ms_ + host_.limits.idle_ms);
    if (message_deadline_) at = std::min(at, message_deadline_->at_ms);
  }
  // An earlier one looks again. Setting it anew would put it off, for as long as a client sends without pause.
  if (armed_ms_ && armed_ms_ <= at) return;
  armed_ms_ = at;
  host_.loop.arm(timer_, std::max<std::int64_t>(at - base::monotonic_ms(), 0));
}

void SockjsHttpSession::on_timer() {
  const std::int64_t now = base::monotonic_ms();
  armed_ms_ = 0;
  if (!closing_ && message_deadline_ && message_deadline_->at_ms <= now) {
    const auto deadline = std::move(message_deadline_);
    close(deadline->code, deadline->reason, End::no_first_message);
  } else if (!closing_ && host_.limits.idle_ms && idle_since_ms_ + host_.limits.idle_ms <= now) {
    close(1001, "idle", End::idle);
  } else if (receiver_ && attached_ms_ + limits_.heartbeat_ms <= now) {
    attached_ms_ = now;
    write_frame(codec::sockjs_heartbeat);
  } else if (!receiver_ && alone_since_ms_ + limits_.disconnect_ms <= now) {
    over();
    closing_ = true;
    end(1006, "", End::lost);
    mark();
  }
  schedule();
}

}  // namespace dragoman::transport
