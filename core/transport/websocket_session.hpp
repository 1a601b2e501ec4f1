// SPDX-License-Identifier: Apache-2.0
// A session over one WebSocket (RFC 6455, RFC 7692 without context takeover).
#pragma once
#include "codec/deflate.hpp"
#include "codec/websocket_decoder.hpp"
#include "net/stream.hpp"
#include "transport/session.hpp"

namespace dragoman::transport {

// zlib state of one thread, used by all its sessions in turn.
struct Compression {
  codec::Deflater deflater;
  codec::Inflater inflater;
  std::string scratch;
};

// A frame with its WebSocket header, FIN set, uncompressed. References: 1.
event::Frame* make_websocket_frame(event::FrameKind kind, int opcode, std::string_view payload, std::uint64_t key);

class WebSocketSession : public Session, private codec::DecoderSink {
 public:
  // deflate_bits: of the window that a message may be compressed with (RFC 7692 7.1.2.1), 8 to 15; 0:
  // permessage-deflate was not negotiated.
  WebSocketSession(SessionHost& host, Compression& compression, net::Stream stream, std::uint8_t deflate_bits);
  ~WebSocketSession() override;

  // What comes before everything that the dialect sends.
  virtual void greet() {}
  // leftover: bytes the client sent right behind its request.
  void start(std::string leftover);
  void abort() override;

 protected:
  event::FramePtr make_frame(event::FrameKind kind, int opcode, std::string_view payload) override;
  event::FramePtr make_part(int opcode, std::string_view part, bool first, bool last) override;
  event::Frame* form_of(event::Frame* frame) override;
  // The compressed form of a frame, kept with it under that number; the frame itself when the window is too small for
  // it.
  event::Frame* compressed(event::Frame* frame, std::uint8_t form);
  void begin_close(std::uint16_t code, std::string_view reason, End why) override;
  void send_close_frame(std::uint16_t code, std::string_view reason);
  // A whole message of the client. False: stop reading, paused or closing.
  virtual bool take_message(int opcode, std::string_view message);
  // The time of a ping has come.
  virtual void show_life() { push_control(9, {}); }
  void push_control(std::uint8_t opcode, std::string_view payload);
  void fail(std::uint16_t code, std::string_view reason);
  void input_resumed() override;
  bool finished() const override {
    return !stream_.is_open() && !waiting_read_ && !waiting_write_ && !in_input_ && !resume_posted_;
  }

 private:
  void write_queue() override;
  void message_deadline_changed() override { schedule(); }

  bool on_message(std::uint8_t opcode, std::string_view message) override;
  bool on_ping(std::string_view payload) override;
  bool on_pong(std::string_view payload) override;
  bool on_close(std::uint16_t code, std::string_view reason) override;

  void wait_input();
  void wait_output();
  void write_pieces();
  void read();
  // False when reading must stop: paused, or the connection is gone.
  bool take_input(std::span<char> input);
  void lost();
  void close_stream() { stream_.close(); }
  void hang_up();
  bool control_allowed();
  void schedule();
  void on_timer();
  void on_timer_checked();

  Compression& compression_;
  // First what a flush touches (see FlushList).
  const std::uint8_t deflate_bits_;
  bool waiting_read_ = false, waiting_write_ = false;
  bool in_input_ = false;
  bool resume_posted_ = false;
  bool peer_closed_ = false;   // its close frame has come
  bool broken_input_ = false;  // what comes is thrown away
  bool close_sent_ = false;
  bool send_shut_ = false;
  // Deadlines in ticks of the timer wheel since the start of the monotonic clock, 0 = none: half the size of
  // milliseconds.
  std::uint32_t ping_at_ = 0, pong_by_ = 0, stall_by_ = 0, idle_by_ = 0, close_by_ = 0;
  std::uint32_t control_window_ = 0;  // second
  net::Stream stream_;
  codec::WebSocketDecoder decoder_;
  base::Timer timer_;
  std::unique_ptr<std::string> unread_;  // input that came behind the message that paused the session
  std::uint16_t control_count_ = 0;
};

}  // namespace dragoman::transport
