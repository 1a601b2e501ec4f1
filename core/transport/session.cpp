// SPDX-License-Identifier: Apache-2.0
#include "transport/session.hpp"

namespace dragoman::transport {

const char* name(Drop reason) {
  static constexpr const char* names[] = {"slow_reader_closed", "oldest_dropped", "replaced_by_newer",
                                          "larger_than_queue", "behind_unfinished_message"};
  return names[static_cast<std::size_t>(reason)];
}

const char* name(End reason) {
  static constexpr const char* names[] = {
      "by_client",        "by_dialect",  "lost",         "shutdown", "protocol_error", "too_large",
      "slow_reader",      "write_stall", "ping_timeout", "idle",     "control_flood",  "plugin_error",
      "no_first_message", "expired",     "quota",        "bus_lost", "reload"};
  return names[static_cast<std::size_t>(reason)];
}

void FlushList::post() {
  posted_ = true;
  loop_.post([this] { run(); });
}

// What a flush touches: the session, and behind it the stream and the deadlines of its transport.
static void prefetch(const Session* session) {
  constexpr std::size_t cache_line = 64, transport_bytes = 2 * cache_line;
  const char* const begin = reinterpret_cast<const char*>(session);
#pragma GCC unroll 8
  for (std::size_t at = 0; at < sizeof(Session) + transport_bytes; at += cache_line) __builtin_prefetch(begin + at, 1);
}

void FlushList::run() {
  // What is marked meanwhile goes into the next turn.
  posted_ = false;
  working_.swap(waiting_);
  // With many sessions the next one has left the cache since its last turn; it comes back while the kernel takes this
  // one's bytes.
  for (std::size_t i = 0; i < working_.size(); ++i) {
    if (i + 1 < working_.size()) prefetch(working_[i + 1]);
    working_[i]->flush();
  }
  working_.clear();
  loop_.frame_run().forget();
}

Session::~Session() {
  if (open_message_) open_message_->behind.clear(host_.loop.chunks());
  queue_.clear(host_.loop.chunks());
}

Session::Sent Session::send(int opcode, std::string_view payload) {
  if (closing_) return Sent::refused;
  event::FramePtr frame = make_frame(event::FrameKind::reply, opcode, payload);
  event::Frame* wire = form_ ? form_of(frame.get()) : frame.get();
  if (wire->size() > host_.limits.queue_bytes) return Sent::too_large;
  if (!fits(behind(), wire->size())) {
    close(1008, "too slow", End::slow_reader);
    return Sent::refused;
  }
  behind().push(wire, host_.loop.chunks());
  host_.counters.replies_out.add();
  return sent();
}

Session::Sent Session::send_part(int opcode, std::string_view part, bool first, bool last) {
  if (closing_ || first == (open_message_ != nullptr)) return Sent::refused;
  const event::FramePtr frame = make_part(opcode, part, first, last);
  const std::size_t size = frame ? frame->size() : part.size() + (first ? 0 : open_message_->collected.size());
  if (queue_.bytes() + size > host_.limits.queue_bytes) {
    if (frame)
      close(1008, "too slow", End::slow_reader);
    else
      close(1009, "the message is too large for this transport", End::too_large);
    return Sent::refused;
  }
  if (first) open_message_ = std::make_unique<OpenMessage>();
  if (frame)
    queue_.push(frame.get(), host_.loop.chunks());
  else
    open_message_->collected.append(part);
  if (last) {
    const std::unique_ptr<OpenMessage> whole = std::move(open_message_);
    const Sent joined = frame ? Sent::ok : send(opcode, whole->collected);
    if (joined == Sent::too_large) close(1009, "the message is too large for this transport", End::too_large);
    if (joined == Sent::refused || joined == Sent::too_large) {
      whole->behind.clear(host_.loop.chunks());
      return Sent::refused;
    }
    queue_.take_over(whole->behind, host_.loop.chunks());
  }
  if (first && frame) host_.counters.replies_out.add();
  return sent();
}

Session::Sent Session::sent() {
  mark();
  if (behind().bytes() <= host_.limits.queue_bytes / 2 && queue_.bytes() <= host_.limits.queue_bytes / 2)
    return Sent::ok;
  pressure_ = true;
  return Sent::pressure;
}

void Session::deliver_behind(event::Frame* frame) {
  if (!fits(behind(), frame->size())) return overflow(frame);
  behind().push(frame, host_.loop.chunks());
  mark();
}

void Session::overflow(event::Frame* frame) {
  auto& pool = host_.loop.chunks();
  const auto count = [&](Drop reason) { host_.counters.drops[static_cast<std::size_t>(reason)].add(); };
  net::OutQueue& queue = behind();
  const auto give_up = [&](std::uint16_t code) {
    count(Drop::slow_reader_closed);
    while (queue.drop_oldest(pool)) count(Drop::slow_reader_closed);
    close(code, "too slow", End::slow_reader);
  };
  // What is larger than the bound by itself comes to a client that has nothing else to read.
  const auto fits_now = [&] {
    return fits(queue, frame->size()) || (!queue.bytes() && queue.count() < host_.limits.queue_messages);
  };
  if (fits_now()) {
    queue.push(frame, pool);
    mark();
    return;
  }
  if (host_.limits.overflow == Overflow::close) return give_up(1008);
  if (host_.limits.overflow == Overflow::latest_per_key && queue.replace(frame)) {
    count(Drop::replaced_by_newer);
    while (queue.bytes() > host_.limits.queue_bytes && queue.count() > 1 && queue.drop_oldest(pool))
      count(Drop::oldest_dropped);
    return;
  }
  while (!fits_now() && queue.drop_oldest(pool)) count(Drop::oldest_dropped);
  if (!fits_now()) {
    // Nothing that waits may be dropped, and this must not be either: try again later.
    if (frame->kind() == event::FrameKind::reply) return give_up(1013);
    count(Drop::larger_than_queue);
    return;
  }
  queue.push(frame, pool);
  mark();
}

void Session::close(std::uint16_t code, std::string_view reason, End why) {
  if (closing_) return;
  if (open_message_)
    while (open_message_->behind.drop_oldest(host_.loop.chunks()))
      host_.counters.drops[static_cast<std::size_t>(Drop::behind_unfinished_message)].add();
  end(code, reason, why);
  begin_close(code, reason, why);
}

void Session::end(std::uint16_t code, std::string_view reason, End why) {
  closing_ = true;
  if (ended_) return;
  ended_ = std::make_unique<Ended>(Ended{code, std::string(reason)});
  host_.counters.ends[static_cast<std::size_t>(why)].add();
  mark();
}

void Session::resume() {
  if (!paused_) return;
  paused_ = false;
  input_resumed();
}

void Session::expect_message(std::uint32_t timeout_ms, std::uint16_t code, std::string_view reason) {
  if (timeout_ms)
    message_deadline_ = std::make_unique<MessageDeadline>(
        MessageDeadline{base::monotonic_ms() + timeout_ms, code, std::string(reason)});
  else
    message_deadline_.reset();
  message_deadline_changed();
}

void Session::message_arrived(int opcode, std::string_view message) {
  message_deadline_.reset();
  host_.counters.messages_in.add();
  host_.counters.bytes_in.add(message.size());
  host_.session_message(*this, opcode, message);
}

void Session::flush() {
  marked_ = false;
  if (ended_ && !told_) {
    told_ = true;
    host_.session_ended(*this, ended_->code, ended_->reason);
  }
  write_queue();
  maybe_delete();
}

void Session::relieve() {
  if (closing_ || queue_.bytes() > host_.limits.queue_bytes / 4) return;
  pressure_ = false;
  host_.session_writable(*this);
}

void Session::maybe_delete() {
  if (!told_ || marked_ || !finished()) return;
  host_.session_gone(*this);
  delete this;
}

}  // namespace dragoman::transport
