// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

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

// Bytes of the well-formed sequence at the front (RFC 3629), or 0 and the length of its longest well-formed beginning.
std::size_t sequence(std::string_view s, std::size_t& beginning) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = at(0);
  beginning = 1;
  if (lead < 0x80) return 1;
  const std::size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0) return 0;
  unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (; beginning < size; ++beginning, low = 0x80, high = 0xbf)
    if (beginning >= s.size() || at(beginning) < low || at(beginning) > high) return 0;
  return size;
}

void append_escape(std::string& out, char c) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += '\\';
  if (c == '"' || c == '\\') {
    out += c;
  } else if (c == '\n') {
    out += 'n';
  } else if (c == '\t') {
    out += 't';
  } else if (c == '\r') {
    out += 'r';
  } else {
    out += "u00";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
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

void append_json_string(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  std::size_t written = 0, at = 0, beginning = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
    if (byte < 0x80 && !escaped) {
      ++at;
      continue;
    }
    const std::size_t size = escaped ? 0 : sequence(text.substr(at), beginning);
    if (size > 0) {
      at += size;
      continue;
    }
    out.append(text.substr(written, at - written));
    if (escaped) {
      append_escape(out, text[at]);
      ++at;
    } else {
      out.append("\xef\xbf\xbd");
      at += beginning;
    }
    written = at;
  }
  out.append(text.substr(written));
  out += '"';
}

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
  if (escaped_) decoded_ = read_string(text_.substr(at_, end - at_)).value_or(std::string());
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

std::optional<std::string> read_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
  const std::string_view inside = value.substr(1, value.size() - 2);
  if (inside.find_first_of("\\\"") == none) return std::string(inside);
  unsigned char memory[1024];
  json::monotonic_resource resource(memory);
  Failure failure;
  const json::value parsed = json::parse({value.data(), value.size()}, failure, &resource);
  const json::string* text = failure ? nullptr : parsed.if_string();
  if (!text) return std::nullopt;
  return std::string(text->data(), text->size());
}

}  // namespace lavaboom
