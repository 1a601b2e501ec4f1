// SPDX-License-Identifier: Apache-2.0
// A JSON text that is read once and asked often: values by pointer, with numbers spelled as they were. Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "translation/pointer.hpp"

namespace dragoman::translation {

class Document {
 public:
  static constexpr std::size_t deepest = 32;

  // Nothing unless it is JSON in UTF-8 and nested at most `deepest` levels.
  static std::optional<Document> parse(std::string_view text);

  enum class Kind : std::uint8_t { null, boolean, number, string, array, object, name };
  struct Entry {
    Kind kind;
    std::uint32_t end;           // index behind the value and all that is in it
    std::uint32_t from, length;  // of its text: of a string without escapes
  };
  using Value = std::uint32_t;  // index of an entry

  // Of several members of a name the last one.
  std::optional<Value> find(const Pointer& pointer) const;
  Kind kind(Value value) const { return entries_[value].kind; }
  // Of a string, a number, a boolean or null.
  std::string_view text(Value value) const {
    return std::string_view(texts_).substr(entries_[value].from, entries_[value].length);
  }
  // Appends it as JSON; stops with false when `out` would be longer than `limit` bytes.
  bool write(Value value, std::string& out, std::size_t limit) const;

 private:
  friend class DocumentReader;
  std::vector<Entry> entries_;
  std::string texts_;
};

}  // namespace dragoman::translation
