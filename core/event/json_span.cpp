// SPDX-License-Identifier: Apache-2.0
#include "event/json_span.hpp"

#include <algorithm>

namespace dragoman::event {

void JsonWalker::skip_space() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
    ++at_;
}

bool JsonWalker::take(char c) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

std::string_view JsonWalker::value() {
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

void JsonWalker::skip_string() {
  std::size_t at = at_ + 1;
  while (at < text_.size() && text_[at] != '"') at += text_[at] == '\\' ? 2 : 1;
  // A text that is not valid may end with an escape.
  at_ = std::min(at + 1, text_.size());
}

std::optional<std::string_view> JsonElements::next() {
  if (!more_) return std::nullopt;
  const std::string_view element = walker_.value();
  more_ = walker_.take(',');
  return element;
}

std::optional<JsonMembers::Member> JsonMembers::next() {
  if (!more_) return std::nullopt;
  const std::string_view name = walker_.value();
  more_ = walker_.take(':');
  if (!more_) return std::nullopt;
  const std::string_view value = walker_.value();
  more_ = walker_.take(',');
  return Member{name, value};
}

}  // namespace dragoman::event
