// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <numeric>

#include "common/json_string.hpp"

namespace honeytrap {
namespace {

namespace json = boost::json;
using Failure = json::error_code;

// Only the verdict of the parser is wanted: no tree is built, so that hostile text costs no memory.
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

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr std::size_t none = std::string_view::npos;

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
  std::size_t depth = 0;
  const std::size_t begin = at;
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
    } else if (c == ',' && depth == 0) {
      break;
    }
    ++at;
  }
  return at == begin || depth > 0 ? none : at;
}

bool framed(std::string_view s, char open, char close) {
  return s.size() >= 2 && s.front() == open && s.back() == close;
}

// Steps over the comma between two items; false when something else stands there. `end` is that of the last item.
bool next_item(std::string_view s, std::size_t& at, std::size_t end) {
  if (at == end) return true;
  return s[at] == ',' && ++at < end;
}

// By sorting: a hash of hostile keys could be made slow.
void unite(std::vector<Member>& members) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto same = [&](std::size_t a, std::size_t b) { return members[a].key == members[b].key; };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int c = members[a].key.compare(members[b].key);
    return c != 0 ? c < 0 : a < b;
  });
  for (std::size_t i = 0, run = 0; i < order.size(); ++i) {
    if (i == 0 || !same(order[i], order[i - 1])) {
      run = i;
      continue;
    }
    members[order[run]].value = members[order[i]].value;
    members[order[i]].value = {};
  }
  // A value is never empty, so this is the mark of a repetition.
  std::erase_if(members, [](const Member& member) { return member.value.empty(); });
}

}  // namespace

std::optional<std::string> check_json(std::string_view text, bool lenient, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  options.allow_trailing_commas = lenient;
  json::basic_parser<Ignore> parser(options);
  Failure failure;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && used < text.size()) failure = json::error::extra_data;
  if (failure) return failure.message();
  return std::nullopt;
}

void append_compact(std::string& out, std::string_view s) {
  out.reserve(out.size() + s.size());
  for (std::size_t at = 0; at < s.size();) {
    if (s[at] == '"') {
      const std::size_t end = std::min(string_end(s, at), s.size());
      out.append(s.substr(at, end - at));
      at = end;
      continue;
    }
    const char c = s[at++];
    if (blank(c)) continue;
    if ((c == '}' || c == ']') && !out.empty() && out.back() == ',') out.pop_back();
    out += c;
  }
}

std::optional<std::vector<Member>> read_members(std::string_view s) {
  if (!framed(s, '{', '}')) return std::nullopt;
  std::vector<Member> members;
  const std::size_t end = s.size() - 1;
  for (std::size_t at = 1; at < end;) {
    const std::size_t key = string_end(s, at);
    if (key == none || key >= end || s[key] != ':') return std::nullopt;
    std::optional<std::string> name = dialects::read_string(s.substr(at, key - at));
    const std::size_t value = value_end(s, key + 1);
    if (!name || value == none || value > end) return std::nullopt;
    const std::string_view text = s.substr(key + 1, value - key - 1);
    members.push_back({std::move(*name), text});
    at = value;
    if (!next_item(s, at, end)) return std::nullopt;
  }
  unite(members);
  return members;
}

std::optional<std::vector<std::string_view>> read_elements(std::string_view s) {
  if (!framed(s, '[', ']')) return std::nullopt;
  std::vector<std::string_view> elements;
  const std::size_t end = s.size() - 1;
  for (std::size_t at = 1; at < end;) {
    const std::size_t value = value_end(s, at);
    if (value == none || value > end) return std::nullopt;
    elements.push_back(s.substr(at, value - at));
    at = value;
    if (!next_item(s, at, end)) return std::nullopt;
  }
  return elements;
}

}  // namespace honeytrap
