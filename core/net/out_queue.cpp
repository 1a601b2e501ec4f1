// SPDX-License-Identifier: Apache-2.0
#include "net/out_queue.hpp"

#include <algorithm>

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

std::size_t OutQueue::unwritten(event::Frame** out, std::size_t most) const {
  if (!first_ || written_) return 0;
  out[0] = first_;
  std::size_t n = 1;
  for (const FrameChunk* chunk = head_; chunk; chunk = chunk->next) {
    const std::size_t more = chunk->end - chunk->begin;
    if (n + more > most) return 0;
    std::copy_n(chunk->frames + chunk->begin, more, out + n);
    n += more;
  }
  return n;
}

std::size_t OutQueue::gather(iovec* out, std::size_t most, std::size_t& total) const {
  total = 0;
  if (!first_) return 0;
  const std::string_view front = first_->wire();
  out[0] = {const_cast<char*>(front.data()) + written_, front.size() - written_};
  total = front.size() - written_;
  std::size_t n = 1;
  for (const FrameChunk* chunk = head_; chunk; chunk = chunk->next)
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i) {
      if (n == most) return n;
      const std::string_view wire = chunk->frames[i]->wire();
      out[n++] = {const_cast<char*>(wire.data()), wire.size()};
      total += wire.size();
    }
  return n;
}

event::Frame* OutQueue::take_chunk_front(FrameChunkPool& pool) {
  if (!head_) return nullptr;
  event::Frame* frame = head_->frames[head_->begin++];
  if (head_->begin == head_->end) {
    FrameChunk* empty = head_;
    head_ = empty->next;
    if (!head_) tail_ = nullptr;
    pool.put(empty);
  }
  return frame;
}

void OutQueue::pop_front(FrameChunkPool& pool) {
  if (first_->kind() != event::FrameKind::control) bytes_ -= first_->size();
  first_->release();
  --count_;
  first_ = take_chunk_front(pool);
}

void OutQueue::consume(std::size_t n, FrameChunkPool& pool) {
  while (first_) {
    const std::size_t left = first_->size() - written_;
    if (n < left) {
      written_ += static_cast<std::uint32_t>(n);
      return;
    }
    n -= left;
    written_ = 0;
    pop_front(pool);
  }
}

void OutQueue::clear_chunks(FrameChunkPool& pool) {
  while (head_) {
    FrameChunk* chunk = head_;
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i) chunk->frames[i]->release();
    head_ = chunk->next;
    pool.put(chunk);
  }
  tail_ = nullptr;
}

void OutQueue::take_over(OutQueue& other, FrameChunkPool& pool) {
  while (other.first_) {
    push(other.first_, pool);
    other.pop_front(pool);
  }
}

bool OutQueue::drop_oldest(FrameChunkPool& pool) {
  if (first_ && !written_ && first_->kind() == event::FrameKind::event) {
    pop_front(pool);
    return true;
  }
  for (FrameChunk *chunk = head_, *before = nullptr; chunk; before = chunk, chunk = chunk->next)
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i) {
      event::Frame* frame = chunk->frames[i];
      if (frame->kind() != event::FrameKind::event) continue;
      bytes_ -= frame->size();
      --count_;
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

bool OutQueue::replace_at(event::Frame*& waiting, event::Frame* frame) {
  if (waiting->kind() != event::FrameKind::event || waiting->key() != frame->key()) return false;
  bytes_ += frame->size();
  bytes_ -= waiting->size();
  waiting->release();
  frame->retain();
  waiting = frame;
  return true;
}

bool OutQueue::replace(event::Frame* frame) {
  if (first_ && !written_ && replace_at(first_, frame)) return true;
  for (FrameChunk* chunk = head_; chunk; chunk = chunk->next)
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i)
      if (replace_at(chunk->frames[i], frame)) return true;
  return false;
}

}  // namespace dragoman::net
