// SPDX-License-Identifier: Apache-2.0
// A WebSocket client for loopback that can misbehave: it sends whatever bytes it is told. Blocking with deadlines; one
// thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::verify {

struct Frame {
  int opcode = 0;  // as on the wire
  std::string payload;
  // Of a close frame; 1005 without one, 1006 when the connection ended without a frame.
  std::uint16_t code() const;
};

class RawClient {
 public:
  // patience: with each write and each answer to a request.
  explicit RawClient(unsigned port, std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&& other) noexcept;

  // The status of the answer; 0: there was none.
  unsigned handshake(const std::string& target, const std::vector<std::pair<std::string, std::string>>& headers);
  // A plain request on this connection; the status of the answer, 0: there was none in time.
  unsigned http(std::string_view method, const std::string& target,
                const std::vector<std::pair<std::string, std::string>>& headers, std::string_view body,
                std::string* answer = nullptr);
  // Whether the peer has ended the connection.
  bool at_end() const { return at_end_; }
  // A message in fragments has begun and not ended.
  bool inside_message() const { return inside_message_; }

  // False: the connection is gone, or took nothing for as long as it may.
  bool frame(int opcode, std::string_view payload, bool last = true);
  bool text(std::string_view payload) { return frame(1, payload); }
  bool bytes(std::string_view raw);
  void half_close();
  // Cuts the connection so that the peer sees a reset.
  void reset();

  // The next frame; nothing in time: no value. At the end of the connection a frame with opcode 8 and code 1006.
  std::optional<Frame> next(std::chrono::milliseconds patience);
  // Waits for a frame of this opcode and forgets those before.
  std::optional<Frame> next_of(int opcode, std::chrono::milliseconds patience);

 private:
  bool receive(std::chrono::steady_clock::time_point end);
  std::chrono::milliseconds patience_;
  int fd_ = -1;
  bool at_end_ = false, inside_message_ = false;
  std::string in_;
};

}  // namespace dragoman::verify
