// SPDX-License-Identifier: Apache-2.0
// The attributes of a record as one blob: the lengths of name and value as two bytes each, low byte first, then both.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace journals::sqlite {

// Both have less than 64 KiB (check.hpp).
inline void append_attribute(std::string& list, std::string_view name, std::string_view value) {
  for (const std::size_t length : {name.size(), value.size()}) {
    list += static_cast<char>(length & 0xff);
    list += static_cast<char>(length >> 8);
  }
  list.append(name).append(value);
}

class AttributeList {
 public:
  explicit AttributeList(std::string_view list) : left_(list) {}

  // Nothing: the end, or damaged().
  std::optional<std::pair<std::string_view, std::string_view>> next() {
    if (left_.empty()) return std::nullopt;
    const auto length = [&](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(left_[at])) |
             static_cast<std::size_t>(static_cast<unsigned char>(left_[at + 1])) << 8;
    };
    damaged_ = left_.size() < 4 || left_.size() - 4 < length(0) + length(2);
    if (damaged_) return std::nullopt;
    const std::string_view name = left_.substr(4, length(0)), value = left_.substr(4 + length(0), length(2));
    left_.remove_prefix(4 + name.size() + value.size());
    return std::pair(name, value);
  }
  bool damaged() const { return damaged_; }

 private:
  std::string_view left_;
  bool damaged_ = false;
};

}  // namespace journals::sqlite
