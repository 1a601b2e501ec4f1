// SPDX-License-Identifier: Apache-2.0
// One client as a dialect sees it: ordered messages both ways, whatever the transport (architecture section 2). One
// thread: its shard's.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.hpp"
#include "event/frame.hpp"
#include "hub/index.hpp"
#include "net/loop.hpp"
#include "net/out_queue.hpp"

namespace dragoman::transport {

class Session;

// Forms of a frame (event::Frame::form); 0 is a WebSocket frame as it is.
enum Form : std::uint8_t {
  form_deflate = 1,         // compressed (RFC 7692)
  form_sockjs = 2,          // WebSocket frame around a["..."]
  form_sockjs_deflate = 3,  // the same, compressed
  form_sockjs_string = 4    // the message as a JSON string, to be put into a[...]
};

enum class Overflow : std::uint8_t { close, drop_oldest, latest_per_key };

// Limits of a mount, times in milliseconds, sizes in bytes.
struct SessionLimits {
  std::size_t message_bytes = 1 << 20;
  std::uint32_t fragments = 131072;
  std::uint32_t control_per_second = 100;
  std::size_t queue_bytes = 1 << 20;
  std::uint32_t queue_messages = UINT32_MAX;
  Overflow overflow = Overflow::close;
  std::uint32_t write_stall_ms = 30000;
  std::uint32_t ping_interval_ms = 20000;
  std::uint32_t pong_timeout_ms = 20000;
  std::uint32_t idle_ms = 0;
  std::uint32_t close_timeout_ms = 5000;
};

// Why events were dropped or sessions ended; label `reason` of the metrics.
enum class Drop : std::uint8_t {
  slow_reader_closed,
  oldest_dropped,
  replaced_by_newer,
  larger_than_queue,
  behind_unfinished_message,
  count
};
enum class End : std::uint8_t {
  by_client,
  by_dialect,
  lost,
  shutdown,
  protocol_error,
  too_large,
  slow_reader,
  write_stall,
  ping_timeout,
  idle,
  control_flood,
  plugin_error,
  no_first_message,
  expired,
  quota,
  bus_lost,
  reload,
  count
};
const char* name(Drop reason);
const char* name(End reason);

struct SessionCounters {
  base::Counter opened, open, messages_in, bytes_in, replies_out, deliveries, bytes_out;
  std::array<base::Counter, static_cast<std::size_t>(Drop::count)> drops;
  std::array<base::Counter, static_cast<std::size_t>(End::count)> ends;
};

// Sessions that have something to write or to end; worked off once per loop turn, after everything else that was ready.
class FlushList {
 public:
  explicit FlushList(net::Loop& loop) : loop_(loop) {}
  void add(Session* session) {
    waiting_.push_back(session);
    if (!posted_) post();
  }

 private:
  void post();
  void run();
  net::Loop& loop_;
  std::vector<Session*> waiting_, working_;
  bool posted_ = false;
};

// What a session needs of its mount; outlives it.
class SessionHost {
 public:
  SessionHost(net::Loop& l, FlushList& f) : loop(l), flush_list(f) {}
  virtual ~SessionHost() = default;
  virtual void session_message(Session& session, int opcode, std::string_view message) = 0;
  virtual void session_writable(Session& session) = 0;
  // The dialect's part is over; called exactly once, never from inside a call of the dialect's.
  virtual void session_ended(Session& session, std::uint16_t code, std::string_view reason) = 0;
  // The object is about to be deleted; ended before.
  virtual void session_gone(Session& session) = 0;

  net::Loop& loop;
  FlushList& flush_list;
  SessionLimits limits;
  SessionCounters counters;
};

// The subscriptions of one session. Most have one, which stands here without memory of its own.
class SubscriptionIds {
 public:
  std::size_t size() const { return (first_ ? 1 : 0) + (more_ ? more_->size() : 0); }
  void add(std::uint64_t id) {
    if (!first_) {
      first_ = id;
      return;
    }
    if (!more_) more_ = std::make_unique<std::vector<std::uint64_t>>();
    more_->push_back(id);
  }
  void remove(std::uint64_t id) {
    if (first_ == id)
      first_ = 0;
    else if (more_)
      std::erase(*more_, id);
  }
  template <class F>
  void for_each(F&& f) const {
    if (first_) f(first_);
    if (more_)
      for (const std::uint64_t id : *more_) f(id);
  }
  void clear() {
    first_ = 0;
    more_.reset();
  }

 private:
  std::uint64_t first_ = 0;
  std::unique_ptr<std::vector<std::uint64_t>> more_;
};

class Session : public hub::Receiver {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session();

  // An event for this session: a reference, no copy, no system call. size: of the frame; chunks: the loop's. Both are
  // at hand where an event goes to many.
  void deliver(event::Frame* frame, std::size_t size, net::FrameChunkPool& chunks) {
    if (closing_) return;
    if (form_) {
      frame = form_of(frame);
      size = frame->size();
    }
    if (open_message_ || !fits(queue_, size)) [[unlikely]] {
      deliver_behind(frame);
      return;
    }
    queue_.push_counting(frame, size, chunks);
    mark();
  }

  enum class Sent { ok, pressure, refused, too_large };
  // A reply of the dialect's. refused: the session is over, or the bound was passed and it is closed now. too_large: it
  // would not fit into an empty queue; the session goes on without it.
  Sent send(int opcode, std::string_view payload);
  // A reply in parts, each at most half of the queue's bound. Between the first and the last of them everything else
  // but control frames waits, in a queue with a bound of the same size. Wrong order: refused.
  Sent send_part(int opcode, std::string_view part, bool first, bool last);
  // What is queued is written first. The first close counts.
  void close(std::uint16_t code, std::string_view reason, End why);
  void pause() { paused_ = true; }
  void resume();
  // The next message must come within timeout_ms; 0 disarms.
  void expect_message(std::uint32_t timeout_ms, std::uint16_t code, std::string_view reason);
  // Ends without a word. The object deletes itself once its handlers have run.
  virtual void abort() = 0;
  // After close(), when the gateway ends: does not wait for a client that may come back.
  virtual void leave() {}

  bool closing() const { return closing_; }
  // Between the first and the last part of a message.
  bool inside_message() const { return open_message_ != nullptr; }
  SessionHost& host() { return host_; }
  // What waits to be written.
  std::size_t queued_bytes() const { return queue_.bytes() + (open_message_ ? open_message_->behind.bytes() : 0); }

  // The mount's notes on its session.
  std::uint64_t id = 0;
  void* state = nullptr;
  SubscriptionIds subscriptions;
  std::atomic<std::uint32_t>* connection_count = nullptr;  // of its listener, until it is gone
  struct Attachment {
    virtual ~Attachment() = default;
  };
  std::unique_ptr<Attachment> attachment;
  std::uint32_t pending_operations = 0;
  std::uint32_t place = 0;  // among the sessions of the mount, those included that its dialect no longer knows

 protected:
  explicit Session(SessionHost& host) : host_(host) {}
  friend class FlushList;

  virtual event::FramePtr make_frame(event::FrameKind kind, int opcode, std::string_view payload) = 0;
  // A part of a message; opcode counts for the first. Nothing: this transport sends messages as a whole.
  virtual event::FramePtr make_part(int opcode, std::string_view part, bool first, bool last) = 0;
  // The form that this session writes, when form_ is not 0.
  virtual event::Frame* form_of(event::Frame* frame) = 0;
  // Queues what says goodbye and arms the deadline for the answer.
  virtual void begin_close(std::uint16_t code, std::string_view reason, End why) = 0;
  virtual void write_queue() = 0;
  virtual void input_resumed() = 0;
  virtual void message_deadline_changed() = 0;
  // Nothing of the transport needs the object any more.
  virtual bool finished() const = 0;

  void mark() {
    if (marked_) return;
    marked_ = true;
    host_.flush_list.add(this);
  }
  // The dialect will be told with the next flush; code as for session_ended().
  void end(std::uint16_t code, std::string_view reason, End why);
  void message_arrived(int opcode, std::string_view message);
  void after_write() {
    if (pressure_) relieve();
  }
  // Deletes the object when it is finished and nobody waits for it; the last thing a handler does.
  void maybe_delete();

  SessionHost& host_;
  net::OutQueue queue_;
  // A message that is sent in parts: what waits until it has ended, and the parts themselves for a transport that
  // needs the whole.
  struct OpenMessage {
    net::OutQueue behind;
    std::string collected;
  };
  std::unique_ptr<OpenMessage> open_message_;
  struct MessageDeadline {
    std::int64_t at_ms;
    std::uint16_t code;
    std::string reason;
  };
  std::unique_ptr<MessageDeadline> message_deadline_;
  std::uint8_t form_ = 0;
  bool closing_ = false;  // no more messages, either way, but what is queued
  bool paused_ = false;

 private:
  bool fits(const net::OutQueue& queue, std::size_t size) const {
    return queue.bytes() + size <= host_.limits.queue_bytes && queue.count() < host_.limits.queue_messages;
  }
  void deliver_behind(event::Frame* frame);
  void overflow(event::Frame* frame);
  // Where events and whole replies go.
  net::OutQueue& behind() { return open_message_ ? open_message_->behind : queue_; }
  Sent sent();
  void relieve();
  void flush();
  struct Ended {
    std::uint16_t code;
    std::string reason;
  };
  std::unique_ptr<Ended> ended_;
  bool marked_ = false;
  bool told_ = false;
  bool pressure_ = false;
};

}  // namespace dragoman::transport
