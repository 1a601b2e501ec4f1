// SPDX-License-Identifier: Apache-2.0
// JSON as text: checked without building a tree, walked through, and written. Values stay as they were sent, so that an
// id is echoed to the last digit, and hostile text costs no memory. Any thread, no state.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lavaboom {

// The root object counts.
inline constexpr std::size_t deepest_json = 32;

// One well-formed JSON object of valid UTF-8, without the blanks around it. Nothing: the text is something else.
std::optional<std::string_view> check_object(std::string_view text);

// What follows reads checked JSON. It is safe with anything else: items are then missed.

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

 private:
  // False: no key stands there.
  bool read_key();
  void skip_blanks();

  std::string_view text_, key_, value_;
  std::string decoded_;
  std::size_t at_ = 1;
  bool object_ = false, escaped_ = false;
};

// The last value of that key; empty: the object has none.
std::string_view find_member(std::string_view object, std::string_view key);

}  // namespace lavaboom
