// SPDX-License-Identifier: Apache-2.0
#include "key_encoding.hpp"

#include <chrono>
#include <cstdio>

namespace kazoo {
namespace {

constexpr std::string_view upper_digits = "0123456789ABCDEF";

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '~' || c == '_';
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool is_encoded(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]))
      i += 2;
    else if (!is_plain(text[i]) && text[i] != '+')
      return false;
  }
  return true;
}

}  // namespace

std::string encode_key(std::string_view text) {
  if (text == "*" || text == "#") return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c))
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out.append({'%', upper_digits[byte >> 4], upper_digits[byte & 15]});
  }
  return out;
}

std::string encode_key_once(std::string_view text) {
  return is_encoded(text) ? std::string(text) : encode_key(text);
}

bool is_account_id(std::string_view text) {
  if (text.size() != 32) return false;
  for (const char c : text)
    if (!is_hex(c)) return false;
  return true;
}

std::string account_database(std::string_view account_id) {
  if (account_id == "*") return "*";
  std::string out = "account%2F";
  return out.append(account_id.substr(0, 2))
      .append("%2F")
      .append(account_id.substr(2, 2))
      .append("%2F")
      .append(account_id.substr(4));
}

std::string month_database(std::string_view account_id, std::string_view month) {
  if (account_id == "*") return "*";
  return account_database(account_id).append("-").append(month);
}

std::string month_of(std::int64_t unix_s, unsigned ahead) {
  using namespace std::chrono;
  const year_month_day day{floor<days>(sys_seconds(seconds(unix_s)))};
  const year_month month = year_month(day.year(), day.month()) + months(ahead);
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u", static_cast<int>(month.year()), static_cast<unsigned>(month.month()));
  return text;
}

}  // namespace kazoo
