// SPDX-License-Identifier: Apache-2.0
#include "codec/sockjs_frame.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dragoman::codec {
namespace {

// An octet that ends a run of text to be copied as it is. Script text in an HTML page must not contain '<' either.
template <bool html>
std::uint64_t stops(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101ull, tops = ones << 7;
  const auto equal = [&](std::uint64_t c) {
    const std::uint64_t x = word ^ (ones * c);
    return (x - ones) & ~x;
  };
  std::uint64_t found = word | ((word - ones * 0x20) & ~word) | equal('"') | equal('\\');
  if constexpr (html) found |= equal('<');
  return found & tops;  // exact up to the first one that is set
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

// Collects short pieces before they reach the string: appending each of them would cost more than the copy.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  // Space for the largest step, an escaped pair.
  void reserve() {
    if (used_ + 12 > sizeof buffer_) flush();
  }
  void put(char c) { buffer_[used_++] = c; }
  void put(const char* p, std::size_t n) {
    std::memcpy(buffer_ + used_, p, n);
    used_ += n;
  }
  // Copies a whole word and keeps `n` octets of it: a copy of fixed size is one instruction.
  void put_word(std::uint64_t word, std::size_t n) {
    std::memcpy(buffer_ + used_, &word, sizeof word);
    used_ += n;
  }
  void put_unit(std::uint32_t unit) {
    constexpr char hex[] = "0123456789abcdef";
    const char escape[] = {'\\', 'u', hex[unit >> 12], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
    put(escape, sizeof escape);
  }
  void flush() {
    out_.append(buffer_, used_);
    used_ = 0;
  }

 private:
  std::string& out_;
  std::size_t used_ = 0;
  char buffer_[512];
};

template <bool html>
void put_ascii(Writer& to, char c) {
  switch (c) {
    case '"':
    case '\\':
      to.put('\\');
      return to.put(c);
    case '\b':
      return to.put("\\b", 2);
    case '\t':
      return to.put("\\t", 2);
    case '\n':
      return to.put("\\n", 2);
    case '\f':
      return to.put("\\f", 2);
    case '\r':
      return to.put("\\r", 2);
    default:
      if (static_cast<std::uint8_t>(c) < 0x20 || (html && c == '<')) return to.put_unit(static_cast<std::uint8_t>(c));
      to.put(c);
  }
}

template <bool html>
void append_string(std::string& out, std::string_view text) {
  Writer to(out);
  to.put('"');
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    to.reserve();
    if (end - p >= 8) {
      std::uint64_t word;
      std::memcpy(&word, p, sizeof word);
      const std::uint64_t found = stops<html>(word);
      if (!found) {
        to.put_word(word, 8);
        p += 8;
        continue;
      }
      if constexpr (std::endian::native == std::endian::little) {
        const std::size_t plain = static_cast<std::size_t>(std::countr_zero(found)) / 8;
        to.put_word(word, plain);
        p += plain;
        to.reserve();
      }
    }
    if (static_cast<std::uint8_t>(*p) < 0x80) {
      put_ascii<html>(to, *p++);
      continue;
    }
    const Character c = decode(p, static_cast<std::size_t>(end - p));
    if (!lost_by_browsers(c.code)) {
      to.put(p, c.size);
    } else if (c.code < 0x10000) {
      to.put_unit(c.code);
    } else {
      to.put_unit(0xd7c0 + (c.code >> 10));
      to.put_unit(0xdc00 + (c.code & 0x3ff));
    }
    p += c.size;
  }
  to.reserve();
  to.put('"');
  to.flush();
}

// The client passes event data through a URI decoder.
void append_event_data(std::string& out, std::string_view frame) {
  for (;;) {
    const std::size_t n = frame.find_first_of(std::string_view("\r\n%\0", 4));
    out += frame.substr(0, n);
    if (n == std::string_view::npos) return;
    const char c = frame[n];
    out += c == '\r' ? "%0D" : c == '\n' ? "%0A" : c == '%' ? "%25" : "%00";
    frame.remove_prefix(n + 1);
  }
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
  // Never less than double, or many small frames in one buffer would move it each time.
  if (out.capacity() - out.size() < size) out.reserve(std::max(out.size() + size, 2 * out.capacity()));
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
