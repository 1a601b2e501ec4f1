// SPDX-License-Identifier: Apache-2.0
// Where values stand in a JSON text, so that a body is passed on with the bytes that its publisher wrote: spacing,
// escapes and the spelling of numbers are kept. Any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace dragoman::event {

// Walks over a JSON text. Every step is bounded by the text, so even one that is not valid cannot lead outside of it.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) {}
  // Over blanks and that character, if it comes next.
  bool take(char c);
  // Over a value of any kind.
  std::string_view value();

 private:
  void skip_space();
  void skip_string();

  std::string_view text_;
  std::size_t at_ = 0;
};

// The elements of a text that is a valid JSON array, in its order. Views of the text.
class JsonElements {
 public:
  explicit JsonElements(std::string_view text) : walker_(text), more_(walker_.take('[') && !walker_.take(']')) {}
  std::optional<std::string_view> next();

 private:
  JsonWalker walker_;
  bool more_;
};

// The members of a text that is a valid JSON object, in its order. Views of the text.
class JsonMembers {
 public:
  struct Member {
    std::string_view name;  // with its quotes and escapes
    std::string_view value;
  };
  explicit JsonMembers(std::string_view text) : walker_(text), more_(walker_.take('{') && !walker_.take('}')) {}
  std::optional<Member> next();

 private:
  JsonWalker walker_;
  bool more_;
};

}  // namespace dragoman::event
