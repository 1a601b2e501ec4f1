// SPDX-License-Identifier: Apache-2.0
#include "event/json_span.hpp"

#include <algorithm>

namespace dragoman::event {
namespace {

// Every find is bounded by the text, so even a text that is not valid cannot lead outside of it.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view value() {
    skip_space();
    const std::size_t from = at_;
    std::size_t depth = 0;
    do {
      if (at_ >= text_.size()) break;
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth) --depth;
        ++at_;
      } else if (depth) {
        ++at_;
      } else {
        at_ = std::min(text_.find_first_of(" \t\r\n,]}", at_), text_.size());
      }
    } while (depth);
    return text_.substr(from, at_ - from);
  }

 private:
  void skip_string() {
    const std::size_t from = ++at_;
    for (bool closed = false; !closed && at_ < text_.size(); ++at_) {
      at_ = std::min(text_.find('"', at_), text_.size());
      std::size_t escapes = at_;
      while (escapes > from && text_[escapes - 1] == '\\') --escapes;
      closed = (at_ - escapes) % 2 == 0;
    }
    at_ = std::min(at_, text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::string_view> json_elements(std::string_view text) {
  std::vector<std::string_view> out;
  Walker walker(text);
  if (!walker.take('[') || walker.take(']')) return out;
  do out.push_back(walker.value());
  while (walker.take(','));
  return out;
}

std::vector<std::pair<std::string_view, std::string_view>> json_members(std::string_view text) {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  out.reserve(8);
  Walker walker(text);
  if (!walker.take('{') || walker.take('}')) return out;
  do {
    const std::string_view name = walker.value();
    if (!walker.take(':')) break;
    out.emplace_back(name, walker.value());
  } while (walker.take(','));
  return out;
}

}  // namespace dragoman::event
