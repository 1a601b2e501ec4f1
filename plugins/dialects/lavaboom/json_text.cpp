// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

#include "common/json_string.hpp"

namespace lavaboom {
namespace {

namespace json = boost::json;
using Failure = json::error_code;

// Only the verdict of the parser is wanted.
struct Ignore {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Text = json::string_view;
  bool on_document_begin(Failure&) { return true; }
  bool on_document_end(Failure&) { return true; }
  bool on_object_begin(Failure&) { return true; }
  bool on_object_end(std::size_t, Failure&) { return true; }
  bool on_array_begin(Failure&) { return true; }
  bool on_array_end(std::size_t, Failure&) { return true; }
  bool on_key_part(Text, std::size_t, Failure&) { return true; }
  bool on_key(Text, std::size_t, Failure&) { return true; }
  bool on_string_part(Text, std::size_t, Failure&) { return true; }
  bool on_string(Text, std::size_t, Failure&) { return true; }
  bool on_number_part(Text, Failure&) { return true; }
  bool on_int64(std::int64_t, Text, Failure&) { return true; }
  bool on_uint64(std::uint64_t, Text, Failure&) { return true; }
  bool on_double(double, Text, Failure&) { return true; }
  bool on_bool(bool, Failure&) { return true; }
  bool on_null(Failure&) { return true; }
  bool on_comment_part(Text, Failure&) { return true; }
  bool on_comment(Text, Failure&) { return true; }
};

constexpr std::size_t none = std::string_view::npos;
constexpr std::string_view blanks = " \t\n\r";

bool blank(char c) {
  return blanks.find(c) != none;
}

// The end of the string that begins at `at`.
std::size_t string_end(std::string_view s, std::size_t at) {
  if (at >= s.size() || s[at] != '"') return none;
  for (++at; at < s.size(); ++at) {
    if (s[at] == '"') return at + 1;
    if (s[at] == '\\') ++at;
  }
  return none;
}

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
    } else if (depth == 0 && (c == ',' || blank(c))) {
      break;
    }
    ++at;
  }
  return at == begin || depth > 0 ? none : at;
}

}  // namespace

std::optional<std::string_view> check_object(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == none || text[begin] != '{') return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
  json::parse_options options;
  options.max_depth = deepest_json;
  json::basic_parser<Ignore> parser(options);
  Failure failure;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), failure);
  if (failure || used < text.size()) return std::nullopt;
  return text;
}

Items::Items(std::string_view container) {
  if (container.size() < 2) return;
  object_ = container.front() == '{' && container.back() == '}';
  // Without the closing bracket, so that the end of the text is the end of the items.
  if (object_ || (container.front() == '[' && container.back() == ']'))
    text_ = container.substr(0, container.size() - 1);
}

void Items::skip_blanks() {
  while (at_ < text_.size() && blank(text_[at_])) ++at_;
}

bool Items::read_key() {
  const std::size_t end = string_end(text_, at_);
  if (end == none) return false;
  key_ = text_.substr(at_ + 1, end - at_ - 2);
  escaped_ = key_.find('\\') != none;
  if (escaped_) decoded_ = dialects::read_string(text_.substr(at_, end - at_)).value_or(std::string());
  at_ = end;
  skip_blanks();
  return at_ < text_.size() && text_[at_++] == ':';
}

bool Items::next() {
  skip_blanks();
  if (at_ < text_.size() && text_[at_] == ',') ++at_;
  skip_blanks();
  if (object_ && !read_key()) return false;
  skip_blanks();
  const std::size_t end = value_end(text_, at_);
  if (end == none) return false;
  value_ = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

std::string_view find_member(std::string_view object, std::string_view key) {
  std::string_view found;
  if (!object.starts_with('{')) return found;
  for (Items items(object); items.next();)
    if (items.key() == key) found = items.value();
  return found;
}

}  // namespace lavaboom
