// SPDX-License-Identifier: Apache-2.0
#include "api_path.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "common/json_text.hpp"
#include "common/utf8.hpp"

namespace kazoo {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What is not encoded well stays as it is; so does what would not be text.
std::string decode(std::string_view text, bool plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus && text[i] == '+' ? ' ' : text[i];
    }
  }
  return dialects::valid_utf8(out) ? out : std::string(text);
}

std::string query_member(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return decode(pair.substr(equals + 1), true);
  }
  return {};
}

}  // namespace

ApiPath parse_api_path(std::string_view path) {
  ApiPath out;
  constexpr std::string_view accounts = "/accounts/", websockets = "/websockets";
  if (!path.starts_with(accounts)) return out;
  path.remove_prefix(accounts.size());
  const std::size_t slash = std::min(path.find('/'), path.size());
  out.account = decode(path.substr(0, slash), false);
  path.remove_prefix(slash);
  path.remove_prefix(std::min(path.size(), websockets.size() + 1));
  if (!path.empty()) out.socket = decode(path, false);
  return out;
}

std::string request_token(const dragoman::sdk::HttpRequest& request) {
  if (const auto token = request.header("X-Auth-Token")) return std::string(*token);
  if (const auto header = request.header("Authorization")) {
    constexpr std::string_view bearer = "bearer ";
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    if (header->size() > bearer.size() &&
        std::equal(bearer.begin(), bearer.end(), header->begin(), [&](char b, char a) { return same(a, b); }))
      return std::string(header->substr(bearer.size()));
  }
  if (std::string token = query_member(request.query(), "auth_token"); !token.empty()) return token;
  if (request.body().empty()) return {};
  const auto body = dialects::parse_json(request.body());
  const auto* token = body ? body->find("auth_token", dialects::Json::Kind::string) : nullptr;
  return token ? token->text : std::string();
}

std::string iso_time(std::int64_t unix_s) {
  using namespace std::chrono;
  const sys_seconds at{seconds(unix_s)};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(at - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

std::string error_name(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

}  // namespace kazoo
