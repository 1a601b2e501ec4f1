// SPDX-License-Identifier: Apache-2.0
// Walks through JSON as text: values stay as they were sent, to the last digit. Reads checked JSON; with anything else
// it is safe and stops early. Any thread, no state.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace dialects {

// Steps through the members of an object or the elements of an array, in their order, repetitions included. Points into
// the text that it reads. Anything but an object or array has no items.
class Items {
 public:
  explicit Items(std::string_view container);

  // False: there are no more.
  bool next();

  // Of the present item, until the next call of next(). key() is decoded; empty in an array. value() is JSON without
  // blanks around it and lives as long as the text.
  std::string_view key() const { return escaped_ ? std::string_view(decoded_) : key_; }
  std::string_view value() const { return value_; }

  // When next() has returned false: the items were well-formed up to the closing bracket.
  bool whole() const { return whole_; }

 private:
  bool step();
  // False: no key stands there.
  bool read_key();
  void skip_blanks();

  std::string_view text_, key_, value_;
  std::string decoded_;
  std::size_t at_ = 1;
  bool object_ = false, escaped_ = false, ended_ = true, whole_ = false;
};

// The last value of that key; empty: the object has none.
std::string_view find_member(std::string_view object, std::string_view key);

// Where the JSON string that begins at `at` ends; npos: there is none.
std::size_t string_end(std::string_view text, std::size_t at);

inline bool json_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace dialects
