// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one client: references to shared frames in chunks from a pool of the loop. Empty, it
// holds no memory.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "event/frame.hpp"

namespace dragoman::net {

struct FrameChunk {
  static constexpr std::uint16_t capacity = 30;
  FrameChunk* next = nullptr;
  std::uint16_t begin = 0, end = 0;
  event::Frame* frames[capacity];
};

// Free chunks of one thread.
class FrameChunkPool {
 public:
  FrameChunkPool() = default;
  FrameChunkPool(const FrameChunkPool&) = delete;
  FrameChunkPool& operator=(const FrameChunkPool&) = delete;
  ~FrameChunkPool();
  FrameChunk* get() {
    FrameChunk* chunk = free_;
    if (!chunk) return new FrameChunk;
    free_ = chunk->next;
    --count_;
    chunk->next = nullptr;
    chunk->begin = chunk->end = 0;
    return chunk;
  }
  void put(FrameChunk* chunk) {
    if (count_ >= most) {
      delete chunk;
      return;
    }
    chunk->next = free_;
    free_ = chunk;
    ++count_;
  }

 private:
  static constexpr std::size_t most =
      16384;  // 4 MiB: a burst to ten thousand sessions and more without a call of malloc
  FrameChunk* free_ = nullptr;
  std::size_t count_ = 0;
};

class OutQueue {
 public:
  OutQueue() = default;
  OutQueue(const OutQueue&) = delete;
  OutQueue& operator=(const OutQueue&) = delete;

  bool empty() const { return first_ == nullptr; }
  // Bytes not yet written that count against the bound: events and replies.
  std::size_t bytes() const { return bytes_; }

  void push(event::Frame* frame, FrameChunkPool& pool) {
    if (frame->kind() == event::FrameKind::control)
      push_counting(frame, 0, pool);
    else
      push_counting(frame, frame->size(), pool);
  }
  // The same for an event or a reply of that size, which the caller knows already.
  void push_counting(event::Frame* frame, std::size_t size, FrameChunkPool& pool) {
    frame->retain();
    bytes_ += size;
    ++count_;
    if (!first_) {
      first_ = frame;
      return;
    }
    if (!tail_ || tail_->end == FrameChunk::capacity) grow(pool);
    tail_->frames[tail_->end++] = frame;
  }

  // Frames that wait, all kinds.
  std::uint32_t count() const { return count_; }

  // The only frame, when no byte of it has been written; otherwise null.
  event::Frame* only() const { return head_ || written_ ? nullptr : first_; }
  // All frames, when there are at most `most` and no byte of them has been written; otherwise 0.
  std::size_t unwritten(event::Frame** out, std::size_t most) const;
  // The unwritten bytes of the first frames, at most `most` pieces; total: their sum.
  std::size_t gather(iovec* out, std::size_t most, std::size_t& total) const;
  // n bytes from gather() are written.
  void consume(std::size_t n, FrameChunkPool& pool);
  // Everything is written.
  void clear(FrameChunkPool& pool) {
    bytes_ = 0;
    written_ = 0;
    count_ = 0;
    if (!first_) return;
    first_->release();
    first_ = nullptr;
    if (head_) clear_chunks(pool);
  }

  // Everything that waits in `other`, of which no byte has been written, goes behind what waits here.
  void take_over(OutQueue& other, FrameChunkPool& pool);
  // Removes the oldest event frame that no byte has been written of; false if there is none.
  bool drop_oldest(FrameChunkPool& pool);
  // Puts `frame` in the place of a waiting event with the same key; false if there is none.
  bool replace(event::Frame* frame);

 private:
  void grow(FrameChunkPool& pool);
  void pop_front(FrameChunkPool& pool);
  void clear_chunks(FrameChunkPool& pool);
  event::Frame* take_chunk_front(FrameChunkPool& pool);
  bool replace_at(event::Frame*& waiting, event::Frame* frame);

  // The first frame stands here, so that a client that keeps up never needs a chunk.
  event::Frame* first_ = nullptr;
  FrameChunk* head_ = nullptr;
  FrameChunk* tail_ = nullptr;
  std::size_t bytes_ = 0;
  std::uint32_t written_ = 0;  // of first_
  std::uint32_t count_ = 0;
};

}  // namespace dragoman::net
