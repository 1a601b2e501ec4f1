// SPDX-License-Identifier: Apache-2.0
#include "codec/sockjs_frame.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dragoman::codec {
namespace {

constexpr std::ptrdiff_t width = 8;

// How many of the `width` octets at `p` can be copied as they are, up to the first that cannot. Script text in an HTML
// page must not contain '<' either.
template <bool html>
std::size_t plain_octets(const char* p) {
  constexpr std::uint64_t ones = 0x0101010101010101ull, tops = ones << 7;
  std::uint64_t word;
  std::memcpy(&word, p, width);
  const auto equal = [&](std::uint64_t c) {
    const std::uint64_t x = word ^ (ones * c);
    return (x - ones) & ~x;
  };
  std::uint64_t found = word | ((word - ones * 0x20) & ~word) | equal('"') | equal('\\');
  if constexpr (html) found |= equal('<');
  found &= tops;  // exact up to the lowest that is set
  if constexpr (std::endian::native != std::endian::little) return found ? 0 : width;
  return static_cast<std::size_t>(std::countr_zero(found)) / 8;
}

// Space for `n` more octets. Never less than double, or many small additions to one buffer would move it each time.
void make_room(std::string& out, std::size_t n) {
  if (out.capacity() - out.size() < n) out.reserve(std::max(out.size() + n, 2 * out.capacity()));
}

struct Character {
  std::uint32_t code;
  std::size_t size;
};

// One character beyond ASCII. What is not UTF-8 becomes U+FFFD, one for each longest piece that could have begun a
// character.
Character decode(const char* p, std::size_t left) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(p[i]); };
  const std::uint8_t lead = at(0);
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return {0xfffd, 1};
  std::uint8_t low = 0x80, high = 0xbf;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  std::uint32_t code = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (i == left || at(i) < low || at(i) > high) return {0xfffd, i};
    code = code << 6 | (at(i) & 0x3fu);
    low = 0x80;
    high = 0xbf;
  }
  return {code, size};
}

bool lost_by_browsers(std::uint32_t c) {
  if (c < 0x200c) return false;
  return c <= 0x200f || (c >= 0x2028 && c <= 0x202f) || (c >= 0x2060 && c <= 0x206f) || c >= 0xfff0;
}

char* put_unit(char* to, std::uint32_t unit) {
  constexpr char hex[] = "0123456789abcdef";
  const char escape[] = {'\\', 'u', hex[unit >> 12], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
  std::memcpy(to, escape, sizeof escape);
  return to + sizeof escape;
}

template <bool html>
char* put_ascii(char* to, char c) {
  char letter = 0;
  switch (c) {
    case '"':
    case '\\':
      letter = c;
      break;
    case '\b':
      letter = 'b';
      break;
    case '\t':
      letter = 't';
      break;
    case '\n':
      letter = 'n';
      break;
    case '\f':
      letter = 'f';
      break;
    case '\r':
      letter = 'r';
      break;
    default:
      if (static_cast<std::uint8_t>(c) < 0x20 || (html && c == '<')) return put_unit(to, static_cast<std::uint8_t>(c));
      *to = c;
      return to + 1;
  }
  to[0] = '\\';
  to[1] = letter;
  return to + 2;
}

// Takes one character beyond ASCII off `p`.
char* put_character(char* to, const char*& p, const char* end) {
  const auto trail = [&](std::ptrdiff_t i) { return (static_cast<std::uint8_t>(p[i]) & 0xc0) == 0x80; };
  const auto lead = static_cast<std::uint8_t>(*p);
  // Most text is of these, and none of them is escaped.
  if (lead >= 0xc2 && lead <= 0xdf && end - p >= 2 && trail(1)) {
    std::memcpy(to, p, 2);
    p += 2;
    return to + 2;
  }
  if (lead >= 0xe3 && lead <= 0xec && end - p >= 3 && trail(1) && trail(2)) {
    std::memcpy(to, p, 3);
    p += 3;
    return to + 3;
  }
  const Character c = decode(p, static_cast<std::size_t>(end - p));
  if (!lost_by_browsers(c.code)) {
    std::memcpy(to, p, c.size);
    to += c.size;
  } else if (c.code < 0x10000) {
    to = put_unit(to, c.code);
  } else {
    to = put_unit(put_unit(to, 0xd7c0 + (c.code >> 10)), 0xdc00 + (c.code & 0x3ff));
  }
  p += c.size;
  return to;
}

// Short runs and escapes are collected in a block: appending each to the string would cost more than the copy. Long
// runs go there directly.
template <bool html>
void append_string(std::string& out, std::string_view text) {
  constexpr std::ptrdiff_t turn = width + 12;  // the most that one turn writes: a run, an escaped pair
  char block[512];
  char* to = block;
  char* const full = block + sizeof block - turn;
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto flush = [&] {
    out.append(block, static_cast<std::size_t>(to - block));
    to = block;
  };
  make_room(out, text.size() + 2);
  *to++ = '"';
  while (p != end) {
    if (to > full) flush();
    if (end - p >= width) {
      std::size_t plain = plain_octets<html>(p);
      if (plain == width) {
        const char* const run = p;
        do p += width;
        while (end - p >= width && (plain = plain_octets<html>(p)) == width);
        if (plain < width) p += plain;
        flush();
        out.append(run, p);
        continue;
      }
      // All of them, as a copy of fixed size is one instruction; what is not plain is overwritten.
      std::memcpy(to, p, width);
      to += plain;
      p += plain;
    }
    if (static_cast<std::uint8_t>(*p) < 0x80) {
      to = put_ascii<html>(to, *p++);
      continue;
    }
    // Such characters seldom stand alone.
    do to = put_character(to, p, end);
    while (p != end && static_cast<std::uint8_t>(*p) >= 0x80 && to <= full);
  }
  *to++ = '"';  // there is room: a run before a character is shorter than `width`
  flush();
}

// The client passes event data through a URI decoder.
void append_event_data(std::string& out, std::string_view frame) {
  const char* run = frame.data();
  const char* const end = run + frame.size();
  for (const char* p = run; p != end; ++p) {
    const char c = *p;
    if (c > '%' || (c != '%' && c != '\r' && c != '\n' && c != '\0')) continue;
    out.append(run, p);
    out += c == '\r' ? "%0D" : c == '\n' ? "%0A" : c == '%' ? "%25" : "%00";
    run = p + 1;
  }
  out.append(run, end);
}

std::string html_head(std::string_view callback) {
  std::string head =
      "<!doctype html>\n"
      "<html><head>\n"
      "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n"
      "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n"
      "</head><body><h2>Don't panic!</h2>\n"
      "  <script>\n"
      "    document.domain = document.domain;\n"
      "    var c = parent.";
  head += callback;
  head +=
      ";\n"
      "    c.start();\n"
      "    function p(d) {c.message(d);};\n"
      "    window.onload = function() {c.stop();};\n"
      "  </script>";
  // Browsers begin to run scripts of a page only after about a kilobyte of it.
  if (head.size() < 1025) head.append(1025 - head.size(), ' ');
  return head += "\r\n\r\n";
}

}  // namespace

void append_sockjs_string(std::string& out, std::string_view utf8) {
  append_string<false>(out, utf8);
}

void append_sockjs_messages(std::string& out, std::span<const std::string_view> literals) {
  std::size_t size = 3 + literals.size();
  for (const auto literal : literals) size += literal.size();
  make_room(out, size);
  char before = '[';
  out += 'a';
  for (const auto literal : literals) {
    out += before;
    out += literal;
    before = ',';
  }
  if (literals.empty()) out += '[';
  out += ']';
}

std::string sockjs_close(std::uint16_t code, std::string_view reason) {
  std::string out = "c[" + std::to_string(code) + ",";
  append_sockjs_string(out, reason);
  return out += ']';
}

std::string sockjs_prelude(SockjsTransport transport, std::string_view callback) {
  switch (transport) {
    case SockjsTransport::xhr_streaming:
      return std::string(2048, 'h') += '\n';
    case SockjsTransport::eventsource:
      return "\r\n";
    case SockjsTransport::htmlfile:
      return html_head(callback);
    default:
      return {};
  }
}

void append_sockjs_envelope(std::string& out, SockjsTransport transport, std::string_view frame,
                            std::string_view callback) {
  switch (transport) {
    case SockjsTransport::xhr:
    case SockjsTransport::xhr_streaming:
      out += frame;
      out += '\n';
      break;
    case SockjsTransport::eventsource:
      out += "data: ";
      append_event_data(out, frame);
      out += "\r\n\r\n";
      break;
    case SockjsTransport::htmlfile:
      out += "<script>\np(";
      append_string<true>(out, frame);
      out += ");\n</script>\r\n";
      break;
    case SockjsTransport::jsonp:
      out += "/**/";
      out += callback;
      out += '(';
      append_string<false>(out, frame);
      out += ");\r\n";
      break;
    default:
      out += frame;
  }
}

}  // namespace dragoman::codec
