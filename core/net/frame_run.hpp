// SPDX-License-Identifier: Apache-2.0
// In a burst most sessions of a shard wait with the same frames in the same order. Joined once, they go out from one
// piece of memory, which costs the kernel half of what as many pieces cost.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "net/out_queue.hpp"

namespace dragoman::net {

// Of one thread. Holds references to the frames it remembers until forget().
class FrameRun {
 public:
  FrameRun() = default;
  FrameRun(const FrameRun&) = delete;
  FrameRun& operator=(const FrameRun&) = delete;
  ~FrameRun() { forget(); }

  // All bytes of a queue that holds the same frames as the queue asked about before; otherwise empty. Queues of few or
  // very many frames or bytes, or with a frame partly written, are never joined. Valid until the next call.
  std::string_view joined(const OutQueue& queue);
  void forget();

 private:
  static constexpr std::size_t fewest = 4, most = 64, most_bytes = 64 << 10;

  std::array<event::Frame*, most> frames_;
  std::size_t count_ = 0;
  std::string bytes_;
};

}  // namespace dragoman::net
