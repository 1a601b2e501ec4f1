// SPDX-License-Identifier: Apache-2.0
#include "net/out_queue.hpp"

namespace dragoman::net {

FrameChunkPool::~FrameChunkPool() {
  while (free_) {
    FrameChunk* next = free_->next;
    delete free_;
    free_ = next;
  }
}

void OutQueue::grow(FrameChunkPool& pool) {
  FrameChunk* chunk = pool.get();
  if (tail_)
    tail_->next = chunk;
  else
    head_ = chunk;
  tail_ = chunk;
}

std::size_t OutQueue::gather(iovec* out, std::size_t most) const {
  std::size_t n = 0;
  std::size_t skip = written_;
  for (const FrameChunk* chunk = head_; chunk; chunk = chunk->next)
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i) {
      if (n == most) return n;
      const std::string_view wire = chunk->frames[i]->wire();
      out[n++] = {const_cast<char*>(wire.data()) + skip, wire.size() - skip};
      skip = 0;
    }
  return n;
}

void OutQueue::pop_front(FrameChunkPool& pool) {
  event::Frame* frame = head_->frames[head_->begin++];
  if (frame->kind() != event::FrameKind::control) bytes_ -= frame->size();
  frame->release();
  if (head_->begin != head_->end) return;
  FrameChunk* empty = head_;
  head_ = empty->next;
  if (!head_) tail_ = nullptr;
  pool.put(empty);
}

void OutQueue::consume(std::size_t n, FrameChunkPool& pool) {
  while (head_) {
    const std::size_t left = head_->frames[head_->begin]->size() - written_;
    if (n < left) {
      written_ += n;
      return;
    }
    n -= left;
    written_ = 0;
    pop_front(pool);
  }
}

bool OutQueue::drop_oldest(FrameChunkPool& pool) {
  bool first = true;
  for (FrameChunk *chunk = head_, *before = nullptr; chunk; before = chunk, chunk = chunk->next)
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i) {
      const bool touched = first && written_ > 0;
      first = false;
      event::Frame* frame = chunk->frames[i];
      if (touched || frame->kind() != event::FrameKind::event) continue;
      bytes_ -= frame->size();
      frame->release();
      for (std::uint16_t j = i; j > chunk->begin; --j) chunk->frames[j] = chunk->frames[j - 1];
      if (++chunk->begin == chunk->end) {
        (before ? before->next : head_) = chunk->next;
        if (tail_ == chunk) tail_ = before;
        pool.put(chunk);
      }
      return true;
    }
  return false;
}

bool OutQueue::replace(event::Frame* frame) {
  bool first = true;
  for (FrameChunk* chunk = head_; chunk; chunk = chunk->next)
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i) {
      const bool touched = first && written_ > 0;
      first = false;
      event::Frame*& waiting = chunk->frames[i];
      if (touched || waiting->kind() != event::FrameKind::event || waiting->key() != frame->key()) continue;
      bytes_ += frame->size();
      bytes_ -= waiting->size();
      waiting->release();
      frame->retain();
      waiting = frame;
      return true;
    }
  return false;
}

void OutQueue::clear(FrameChunkPool& pool) {
  while (head_) pop_front(pool);
  written_ = 0;
}

}  // namespace dragoman::net
