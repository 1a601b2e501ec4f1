// SPDX-License-Identifier: Apache-2.0
#include "common/json_string.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include "common/utf8.hpp"

namespace dialects {
namespace {

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
    const std::size_t size = escaped ? 0 : character_size(text.substr(at), beginning);
    if (size > 0) {
      at += size;
      continue;
    }
    out.append(text.substr(written, at - written));
    if (escaped) {
      append_escape(out, text[at]);
      ++at;
    } else {
      out.append(replacement_character);
      at += beginning;
    }
    written = at;
  }
  out.append(text.substr(written));
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::optional<std::string> read_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
  const std::string_view inside = value.substr(1, value.size() - 2);
  if (inside.find_first_of("\\\"") == inside.npos) return std::string(inside);
  namespace json = boost::json;
  unsigned char memory[1024];
  json::monotonic_resource resource(memory);
  json::error_code failure;
  const json::value parsed = json::parse({value.data(), value.size()}, failure, &resource);
  const json::string* text = failure ? nullptr : parsed.if_string();
  if (!text) return std::nullopt;
  return std::string(text->data(), text->size());
}

}  // namespace dialects
