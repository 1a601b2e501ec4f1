// SPDX-License-Identifier: Apache-2.0
#include "plugin/writer.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace dragoman::plugin {
namespace {
constexpr std::size_t first_capacity = 512;
constexpr std::size_t kept_capacity = 1u << 20;  // one giant message shall not hold its memory for ever
}  // namespace

Writer::Writer(std::size_t limit) : dgm_writer{}, limit_(limit) {}

dgm_writer* Writer::begin() {
  if (capacity_ > kept_capacity) {
    memory_.reset();
    capacity_ = 0;
  }
  dgm_writer::size = sizeof(dgm_writer);
  dgm_writer::opcode = DGM_TEXT;
  dgm_writer::flags = 0;
  dgm_writer::ptr = memory_.get();
  dgm_writer::len = 0;
  dgm_writer::cap = capacity_;
  dgm_writer::grow = &Writer::grow_to;
  return this;
}

bool Writer::intact() const {
  return dgm_writer::ptr == memory_.get() && dgm_writer::cap == capacity_ && dgm_writer::len <= capacity_ &&
         (dgm_writer::opcode == DGM_TEXT || dgm_writer::opcode == DGM_BINARY);
}

dgm_status Writer::grow_to(dgm_writer* raw, std::size_t want) noexcept {
  if (!raw) return DGM_E_INVALID;
  auto& self = *static_cast<Writer*>(raw);
  if (raw->ptr != self.memory_.get() || raw->len > self.capacity_) return DGM_E_INVALID;
  if (raw->len > self.limit_ || want > self.limit_ - raw->len) return DGM_E_DROPPED;
  const std::size_t needed = raw->len + want;
  if (needed <= self.capacity_) return DGM_OK;
  const std::size_t capacity = std::min(self.limit_, std::max({needed, self.capacity_ * 2, first_capacity}));
  std::unique_ptr<char[]> memory(new (std::nothrow) char[capacity]);
  if (!memory) return DGM_E_DROPPED;
  if (raw->len) std::memcpy(memory.get(), raw->ptr, raw->len);
  self.memory_ = std::move(memory);
  self.capacity_ = capacity;
  raw->ptr = self.memory_.get();
  raw->cap = capacity;
  return DGM_OK;
}

}  // namespace dragoman::plugin
