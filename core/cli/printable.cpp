// SPDX-License-Identifier: Apache-2.0
#include "cli/printable.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <iterator>

#include "codec/utf8.hpp"

namespace dragoman::cli {
namespace {

// Bytes of the valid character that `text` begins with; 0: there is none.
std::size_t character(std::string_view text, char32_t& code) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < n || !codec::valid_utf8(text.substr(0, n))) return 0;
  code = n == 1 ? first : first & (0xffU >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return n;
}

bool steers_terminal(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text, Escape escape) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char c = text.front();
    if (c == '\n' || c == '\r') {
      out += c == '\n' ? "\\n" : "\\r";
      text.remove_prefix(1);
      continue;
    }
    if (escape == Escape::line_ends || (c >= 0x20 && c < 0x7f)) {
      out += c;
      text.remove_prefix(1);
      continue;
    }
    char32_t code = 0;
    const std::size_t n = character(text, code);
    if (!n)
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    else if (code == '\t')
      out += "\\t";
    else if (steers_terminal(code) && code < 0x80)
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(code));
    else if (steers_terminal(code))
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(code));
    else
      out.append(text.substr(0, n));
    text.remove_prefix(n ? n : 1);
  }
  return out;
}

std::string printable_binary(std::string_view bytes, bool hexadecimal) {
  std::string out = fmt::format("<binary {} byte{}> ", bytes.size(), bytes.size() == 1 ? "" : "s");
  const std::size_t head = out.size();
  if (bytes.empty()) {
    out.pop_back();
  } else if (hexadecimal) {
    static constexpr char digits[] = "0123456789abcdef";
    out.reserve(head + bytes.size() * 2);
    for (const char c : bytes) {
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  } else {
    out.resize(head + (bytes.size() + 2) / 3 * 4 + 1);  // one more: EVP_EncodeBlock ends its text with a NUL
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + head),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(head + static_cast<std::size_t>(length));
  }
  return out;
}

}  // namespace dragoman::cli
