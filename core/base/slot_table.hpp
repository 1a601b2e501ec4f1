// SPDX-License-Identifier: Apache-2.0
// 64-bit ids that may outlive what they name: slot and generation, so that stale use is noticed (anchors: ids with a
// generation). One thread.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

namespace dragoman::base {

// T: cheap to copy, T{} means empty. Id layout: generation (31 bits behind a 0, odd while in use) | tag (8 bits, the
// shard) | slot (24 bits).
template <class T>
class SlotTable {
 public:
  explicit SlotTable(std::uint8_t tag = 0) : tag_(tag) {}

  // 0 when the table is full.
  std::uint64_t insert(T value) {
    std::uint32_t slot;
    if (!free_.empty()) {
      slot = free_.back();
      free_.pop_back();
    } else {
      if (entries_.size() >= (1u << 24)) return 0;
      slot = static_cast<std::uint32_t>(entries_.size());
      entries_.push_back({});
    }
    Entry& e = entries_[slot];
    step(e.generation);
    e.value = std::move(value);
    ++used_;
    return std::uint64_t{e.generation} << 32 | std::uint64_t{tag_} << 24 | slot;
  }

  // Null if the id is stale or not of this table.
  T* find(std::uint64_t id) {
    const auto slot = static_cast<std::uint32_t>(id) & 0xffffffu;
    if (slot >= entries_.size() || entries_[slot].generation != id >> 32 || !(entries_[slot].generation & 1) ||
        static_cast<std::uint8_t>(id >> 24) != tag_)
      return nullptr;
    return &entries_[slot].value;
  }

  void erase(std::uint64_t id) {
    T* value = find(id);
    if (!value) return;
    *value = T{};
    const auto slot = static_cast<std::uint32_t>(id) & 0xffffffu;
    step(entries_[slot].generation);
    free_.push_back(slot);
    --used_;
  }

  template <class F>
  void for_each(F&& f) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].generation & 1) f(entries_[i].value);
  }

  std::size_t size() const { return used_; }

 private:
  static void step(std::uint32_t& generation) { generation = (generation + 1) & 0x7fffffffu; }

  struct Entry {
    T value{};
    std::uint32_t generation = 0;
  };
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::size_t used_ = 0;
  std::uint8_t tag_;
};

}  // namespace dragoman::base
