// SPDX-License-Identifier: Apache-2.0
#include "codec/sockjs_payload.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <optional>

namespace dragoman::codec {
namespace {

namespace json = boost::json;

// Takes strings as they are parsed: a tree of values could be many times larger than a hostile payload.
struct Handler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  enum class Shape : std::uint8_t { none, array, string, other };

  std::vector<std::string>& out;
  std::size_t most;
  Shape shape = Shape::none;
  std::size_t depth = 0;
  bool excess = false;
  std::string part;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code& ec) {
    if (!value(Shape::array, ec)) return false;
    ++depth;
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    --depth;
    return true;
  }
  bool on_object_begin(json::error_code& ec) {
    if (!value(Shape::other, ec)) return false;
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    --depth;
    return true;
  }
  bool on_string_part(json::string_view s, std::size_t, json::error_code&) {
    if (wanted()) part.append(s.data(), s.size());
    return true;
  }
  bool on_string(json::string_view s, std::size_t, json::error_code& ec) {
    if (depth == 0) shape = Shape::string;
    if (!wanted()) return true;
    if (out.size() == most) {
      excess = true;
      ec = json::error::array_too_large;
      return false;
    }
    part.append(s.data(), s.size());
    out.push_back(std::move(part));
    part.clear();
    return true;
  }
  bool on_key_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_key(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code& ec) { return value(Shape::other, ec); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) { return value(Shape::other, ec); }
  bool on_double(double, json::string_view, json::error_code& ec) { return value(Shape::other, ec); }
  bool on_bool(bool, json::error_code& ec) { return value(Shape::other, ec); }
  bool on_null(json::error_code& ec) { return value(Shape::other, ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool wanted() const { return depth == 0 || (depth == 1 && shape == Shape::array); }
  // A value that is not a string: the document itself, or an element that no message can be made of.
  bool value(Shape s, json::error_code& ec) {
    if (depth == 0) {
      shape = s;
    } else if (shape == Shape::array) {
      ec = json::error::not_string;
      return false;
    }
    return true;
  }
};

// The four digits of \uXXXX at `p`, which is behind the 'u'.
std::optional<unsigned> unit(std::string_view text, std::size_t p) {
  if (text.size() < p + 4) return std::nullopt;
  unsigned u = 0;
  for (const char c : text.substr(p, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      u = u << 4 | static_cast<unsigned>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      u = u << 4 | static_cast<unsigned>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return u;
}

// Boost.JSON refuses escapes of lone surrogates, browsers send them: they are replaced in a copy of the text. Nothing
// if there are none. Outside of strings a backslash is an error, and stays one.
std::optional<std::string> mend_surrogates(std::string_view text) {
  std::optional<std::string> copy;
  for (std::size_t i = text.find('\\'); i != std::string_view::npos && i + 1 < text.size(); i = text.find('\\', i)) {
    if (text[i + 1] != 'u') {
      i += 2;
      continue;
    }
    const auto first = unit(text, i + 2);
    if (!first) return copy;
    if (*first >= 0xd800 && *first <= 0xdfff) {
      const bool second = *first <= 0xdbff && text.substr(i + 6, 2) == "\\u";
      const auto low = second ? unit(text, i + 8) : std::nullopt;
      if (low && *low >= 0xdc00 && *low <= 0xdfff) {
        i += 6;
      } else {
        if (!copy) copy = text;
        copy->replace(i + 2, 4, "fffd");
      }
    }
    i += 6;
  }
  return copy;
}

}  // namespace

SockjsPayload parse_sockjs_payload(std::string_view body, SockjsMode mode, SockjsLimits limits,
                                   std::vector<std::string>& out) {
  using enum SockjsPayload;
  out.clear();
  if (body.empty()) return mode == SockjsMode::http ? empty : ok;
  const auto mended = mend_surrogates(body);
  if (mended) body = *mended;
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<Handler> parser(options, Handler{out, limits.messages});
  json::error_code ec;
  const std::size_t used = parser.write_some(false, body.data(), body.size(), ec);
  const Handler& seen = parser.handler();
  SockjsPayload result = ok;
  if (seen.excess) {
    result = too_many;
  } else if (ec || used != body.size()) {
    result = broken;
  } else if (seen.shape == Handler::Shape::other ||
             (seen.shape == Handler::Shape::string && mode == SockjsMode::http)) {
    result = mode == SockjsMode::http ? empty : broken;
  }
  if (result != ok) out.clear();
  return result;
}

std::string_view sockjs_payload_error(SockjsPayload result) {
  switch (result) {
    case SockjsPayload::empty:
      return "Payload expected.";
    case SockjsPayload::broken:
      return "Broken JSON encoding.";
    case SockjsPayload::too_many:
      return "Too many messages.";
    case SockjsPayload::ok:
      break;
  }
  return {};
}

}  // namespace dragoman::codec
