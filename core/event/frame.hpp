// SPDX-License-Identifier: Apache-2.0
// A message to clients, encoded once and shared by every session of a shard that gets it (architecture section 4).
// Counted without atomics: a frame never leaves the thread that made it.
#pragma once
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace dragoman::event {

enum class FrameKind : std::uint8_t {
  event,    // may be dropped or replaced by the overflow policy
  reply,    // an answer to this one client, or an event that must not be missed: never dropped
  control,  // ping, pong, close: never dropped, not counted against the bound
};

class Frame {
 public:
  // Memory for head + payload bytes behind the object; the caller fills head() and payload(). References: 1.
  static Frame* make(FrameKind kind, std::uint8_t opcode, std::size_t head, std::size_t payload, std::uint64_t key) {
    void* memory = ::operator new(sizeof(Frame) + head + payload);
    return new (memory) Frame(kind, opcode, static_cast<std::uint32_t>(head), static_cast<std::uint32_t>(payload), key);
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  void retain() { ++references_; }
  void release() {
    if (--references_ == 0) destroy();
  }

  FrameKind kind() const { return kind_; }
  std::uint8_t opcode() const { return opcode_; }
  std::uint64_t key() const { return key_; }  // of the event's channel and key: latest-per-key
  char* head() { return reinterpret_cast<char*>(this + 1); }
  char* payload() { return head() + head_; }
  std::string_view payload_view() { return {payload(), payload_}; }
  // Head and payload: what a transport without further envelope writes.
  std::string_view wire() { return {head(), std::size_t{head_} + payload_}; }
  std::size_t size() const { return std::size_t{head_} + payload_; }

  // The same message in another transport form, made when the first session needs it and kept with this frame. Forms
  // are numbered by the transports, from 1 to 7.
  Frame* form(std::uint8_t number) {
    if (serves_as_ & (1u << number)) return this;
    for (Frame* f = forms_; f; f = f->forms_)
      if (f->form_ == number) return f;
    return nullptr;
  }
  // Takes over the reference; frame may be this one, which then serves as that form too.
  void keep_form(std::uint8_t number, Frame* frame) {
    if (frame == this) {
      serves_as_ |= static_cast<std::uint8_t>(1u << number);
      return;
    }
    frame->form_ = number;
    frame->forms_ = forms_;
    forms_ = frame;
  }

 private:
  Frame(FrameKind kind, std::uint8_t opcode, std::uint32_t head, std::uint32_t payload, std::uint64_t key)
      : key_(key), head_(head), payload_(payload), kind_(kind), opcode_(opcode) {}
  void destroy() {
    if (forms_) forms_->release();
    this->~Frame();
    ::operator delete(this);
  }
  ~Frame() = default;

  Frame* forms_ = nullptr;  // the first of them; in one of them: the next
  std::uint64_t key_;
  std::uint32_t references_ = 1;
  std::uint32_t head_, payload_;
  FrameKind kind_;
  std::uint8_t opcode_;
  std::uint8_t form_ = 0, serves_as_ = 0;
};

// Owns one reference.
class FramePtr {
 public:
  FramePtr() = default;
  explicit FramePtr(Frame* adopted) : frame_(adopted) {}
  FramePtr(FramePtr&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  FramePtr& operator=(FramePtr&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~FramePtr() {
    if (frame_) frame_->release();
  }
  Frame* get() const { return frame_; }
  Frame* operator->() const { return frame_; }
  explicit operator bool() const { return frame_ != nullptr; }

 private:
  Frame* frame_ = nullptr;
};

}  // namespace dragoman::event
