// SPDX-License-Identifier: Apache-2.0
// A SockJS session over HTTP requests (SockJS digest section 8): what is sent goes to the request that is attached, or
// waits for the next. One thread: its shard's.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "transport/session.hpp"
#include "transport/sockjs_input.hpp"

namespace dragoman::transport {

// The response of a receiving request. Owned by its session while it is attached.
class SockjsReceiver {
 public:
  virtual ~SockjsReceiver() = default;
  // A frame of SockJS, as one chunk in the form of the transport. The octets count against the response limit.
  virtual std::size_t write(std::string_view frame) = 0;
  // What was written has left, but for a little.
  virtual bool writable() const = 0;
  // The response ends in order; nothing is called afterwards.
  virtual void end() = 0;
  // Looks at the socket: the client has closed its side.
  virtual bool gone() = 0;
};

// Times in milliseconds, sizes in bytes.
struct SockjsLimits {
  std::uint32_t heartbeat_ms = 25000;
  std::uint32_t disconnect_ms = 5000;
  std::size_t response_bytes = 131072;
};

class SockjsHttpSession;

// The HTTP sessions of one mount on one shard. Keys are secrets.
class SockjsSessions {
 public:
  SockjsHttpSession* find(const std::string& key) const {
    const auto found = sessions_.find(key);
    return found == sessions_.end() ? nullptr : found->second;
  }

 private:
  friend class SockjsHttpSession;
  std::unordered_map<std::string, SockjsHttpSession*> sessions_;
};

class SockjsHttpSession final : public Session {
 public:
  SockjsHttpSession(SessionHost& host, SockjsSessions& sessions, const SockjsLimits& limits, std::string key);
  ~SockjsHttpSession() override;
  // After the dialect has been told of it.
  void start() { schedule(); }

  bool receiving() const { return receiver_ != nullptr; }
  // The next receiver, when there is none. limit: octets of frames after which its response ends; 1 for a poll.
  void attach(std::unique_ptr<SockjsReceiver> receiver, std::size_t limit);
  // The client of the attached receiver is gone: the session ends at once (digest 8.4).
  void receiver_lost();
  void receiver_writable() { mark(); }
  // A client that has given up may ask again before its old connection is known to be closed: looks (digest 8.4).
  bool receiver_gone() { return receiver_ && receiver_->gone(); }
  // Messages of the client. False: too much waits.
  bool receive(std::vector<std::string> messages);
  void abort() override;
  void leave() override;

 private:
  event::FramePtr make_frame(event::FrameKind kind, int opcode, std::string_view payload) override;
  event::FramePtr make_part(int, std::string_view, bool, bool) override { return {}; }
  event::Frame* form_of(event::Frame* frame) override;
  void begin_close(std::uint16_t code, std::string_view reason, End) override;
  void write_queue() override;
  void input_resumed() override;
  void message_deadline_changed() override { schedule(); }
  bool finished() const override { return over_ && !posted_; }

  void write_frame(std::string_view frame);
  void write_messages();
  void detach();
  void drain();
  void schedule();
  void on_timer();
  void forget();
  // Nobody can reach it any more.
  void over();

  SockjsSessions& sessions_;
  const SockjsLimits& limits_;
  const std::string key_;
  base::Timer timer_;
  std::unique_ptr<SockjsReceiver> receiver_;
  std::size_t left_ = 0;  // octets until the response ends
  std::string close_frame_;
  SockjsInput input_;
  std::int64_t alone_since_ms_, attached_ms_ = 0, idle_since_ms_, armed_ms_ = 0;
  unsigned posted_ = 0;
  bool opened_ = false;   // "o" has been written
  bool leaving_ = false;  // no client will come back
  bool over_ = false;
};

}  // namespace dragoman::transport
