// SPDX-License-Identifier: Apache-2.0
#include "header_rules.hpp"

#include <algorithm>

namespace lavaboom {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool token_char(char c) {
  return letter(c) || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), token_char);
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool may_forward(std::string_view name) {
  if (!is_token(name)) return false;
  std::string folded(name);
  // Some servers take '_' and '-' for the same.
  for (char& c : folded) c = c == '_' ? '-' : lower(c);
  for (const std::string_view refused :
       {"host", "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te", "trailer",
        "accept-encoding", "expect", "forwarded", "x-real-ip"})
    if (folded == refused) return false;
  return !folded.starts_with("proxy-") && !folded.starts_with("x-forwarded-") && !folded.starts_with("sec-websocket-");
}

bool is_header_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool concerns_connection(std::string_view name) {
  for (const std::string_view own : {"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "TE",
                                     "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length"})
    if (same_name(name, own)) return true;
  return false;
}

void add_listed(std::set<std::string>& names, std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    std::string_view item = value.substr(0, comma);
    value.remove_prefix(comma == value.npos ? value.size() : comma + 1);
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    names.insert(canonical_name(item));
  }
}

std::string_view client_address(std::string_view peer) {
  peer = peer.substr(0, peer.rfind(':'));
  return peer.starts_with('[') && peer.ends_with(']') ? peer.substr(1, peer.size() - 2) : peer;
}

std::string canonical_name(std::string_view name) {
  std::string out(name);
  if (!is_token(name)) return out;
  bool first = true;
  for (char& c : out) {
    if (letter(c)) c = static_cast<char>(first ? c & ~0x20 : c | 0x20);
    first = c == '-';
  }
  return out;
}

}  // namespace lavaboom
