// SPDX-License-Identifier: Apache-2.0
#include "common/json_items.hpp"

#include <utility>

#include "common/json_string.hpp"

namespace dialects {
namespace {

constexpr std::size_t none = std::string_view::npos;

// The end of the value that begins at `at`; nesting costs no stack.
std::size_t value_end(std::string_view s, std::size_t at) {
  const std::size_t begin = at;
  std::size_t depth = 0;
  while (at < s.size()) {
    const char c = s[at];
    if (c == '"') {
      at = string_end(s, at);
      if (at == none || depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) break;
      if (--depth == 0) return at + 1;
    } else if (depth == 0 && (c == ',' || json_blank(c))) {
      break;
    }
    ++at;
  }
  return at == begin || depth > 0 ? none : at;
}

}  // namespace

Items::Items(std::string_view container) {
  if (container.size() < 2) return;
  object_ = container.front() == '{' && container.back() == '}';
  ended_ = !object_ && !(container.front() == '[' && container.back() == ']');
  // Without the closing bracket, so that the end of the text is the end of the items.
  text_ = container.substr(0, container.size() - 1);
}

bool Items::next() {
  if (!ended_) ended_ = !step();
  return !ended_;
}

bool Items::step() {
  skip_blanks();
  whole_ = at_ == text_.size();
  if (whole_) return false;
  // Behind an item: no value is empty.
  if (!value_.empty()) {
    if (text_[at_++] != ',') return false;
    skip_blanks();
  }
  if (object_ && !read_key()) return false;
  skip_blanks();
  const std::size_t end = value_end(text_, at_);
  if (end == none) return false;
  value_ = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

bool Items::read_key() {
  const std::size_t end = string_end(text_, at_);
  if (end == none) return false;
  key_ = text_.substr(at_ + 1, end - at_ - 2);
  escaped_ = key_.find('\\') != none;
  if (escaped_) {
    auto decoded = read_string(text_.substr(at_, end - at_));
    if (!decoded) return false;
    decoded_ = std::move(*decoded);
  }
  at_ = end;
  skip_blanks();
  return at_ < text_.size() && text_[at_++] == ':';
}

void Items::skip_blanks() {
  while (at_ < text_.size() && json_blank(text_[at_])) ++at_;
}

std::string_view find_member(std::string_view object, std::string_view key) {
  std::string_view found;
  if (!object.starts_with('{')) return found;
  for (Items items(object); items.next();)
    if (items.key() == key) found = items.value();
  return found;
}

std::size_t string_end(std::string_view text, std::size_t at) {
  if (at >= text.size() || text[at] != '"') return none;
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return none;
}

}  // namespace dialects
