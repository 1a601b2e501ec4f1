// SPDX-License-Identifier: Apache-2.0
// What the fake host needs to judge arguments with: UTF-8 and key patterns.
#pragma once
#include <dragoman/plugin.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dragoman::testing {

// Well-formed UTF-8 (RFC 3629).
inline bool valid_utf8(std::string_view text) {
  const auto* s = reinterpret_cast<const unsigned char*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    if (s[i] < 0x80) {
      ++i;
      continue;
    }
    const unsigned lead = s[i];
    const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i <= more) return false;
    std::uint32_t point = lead & (0x3fu >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      if ((s[i + k] & 0xc0) != 0x80) return false;
      point = point << 6 | (s[i + k] & 0x3fu);
    }
    if ((more == 2 && point < 0x800) || (more == 3 && point < 0x10000) || point > 0x10ffff) return false;
    if (point >= 0xd800 && point < 0xe000) return false;
    i += more + 1;
  }
  return true;
}

// Of the first token, and what is behind its dot; `last` when there is none.
struct Token {
  std::string_view first, rest;
  bool last;
  explicit Token(std::string_view key) {
    const std::size_t dot = key.find('.');
    first = key.substr(0, dot);
    last = dot == std::string_view::npos;
    rest = last ? std::string_view() : key.substr(dot + 1);
  }
};

// dgm.fanout/1: '*' stands for one token, '#' for any number of tokens.
inline bool key_matches(std::string_view pattern, std::string_view key) {
  const Token p(pattern);
  if (p.first == "#") {
    if (p.last) return true;
    for (std::string_view left = key;;) {
      if (key_matches(p.rest, left)) return true;
      const Token t(left);
      if (t.last) return false;
      left = t.rest;
    }
  }
  const Token k(key);
  if (p.first != "*" && p.first != k.first) return false;
  if (p.last) return k.last;
  // "a.#" fits "a": nothing is left for the tokens of '#'.
  if (k.last) return p.rest == "#";
  return key_matches(p.rest, k.rest);
}

// Null: a session may be closed so.
inline const char* wrong_close(std::uint16_t code, std::string_view reason) {
  const bool standard = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  if (!standard && (code < 3000 || code > 4999)) return "the close code may not be sent";
  return valid_utf8(reason) ? nullptr : "the reason is not UTF-8";
}

}  // namespace dragoman::testing
