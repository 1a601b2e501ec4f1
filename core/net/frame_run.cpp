// SPDX-License-Identifier: Apache-2.0
#include "net/frame_run.hpp"

#include <algorithm>

namespace dragoman::net {

std::string_view FrameRun::joined(const OutQueue& queue) {
  if (queue.bytes() > most_bytes) return {};
  std::array<event::Frame*, most> frames;
  const std::size_t count = queue.unwritten(frames.data(), most);
  if (count < fewest) return {};
  if (count != count_ || !std::equal(frames.begin(), frames.begin() + count, frames_.begin())) {
    forget();
    count_ = count;
    std::copy_n(frames.begin(), count, frames_.begin());
    for (std::size_t i = 0; i < count_; ++i) frames_[i]->retain();
    return {};
  }
  if (bytes_.empty())
    for (std::size_t i = 0; i < count_; ++i) bytes_ += frames_[i]->wire();
  return bytes_;
}

void FrameRun::forget() {
  for (std::size_t i = 0; i < count_; ++i) frames_[i]->release();
  count_ = 0;
  bytes_.clear();
}

}  // namespace dragoman::net
