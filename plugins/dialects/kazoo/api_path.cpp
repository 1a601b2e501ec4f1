// SPDX-License-Identifier: Apache-2.0
#include "api_path.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/json_text.hpp"
#include "common/percent.hpp"
#include "common/utf8.hpp"

namespace kazoo {
namespace {

// What would not be text stays as it is.
std::string decode(std::string_view text) {
  std::string out = dialects::percent_decode(text, dialects::Plus::itself);
  return dialects::valid_utf8(out) ? out : std::string(text);
}

std::string query_token(std::string_view query) {
  while (auto pair = dialects::next_pair(query))
    if (pair->name == "auth_token") return std::move(pair->value);
  return {};
}

}  // namespace

std::optional<ApiPath> parse_api_path(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.starts_with('/')) path.remove_prefix(1);
  std::vector<std::string_view> segments;
  while (!path.empty()) segments.push_back(dialects::cut(path, '/'));
  if (segments.size() == 1 && segments[0] == "websockets") return ApiPath{};
  if (segments.size() < 3 || segments.size() > 4 || segments[0] != "accounts" || segments[1].empty() ||
      segments[2] != "websockets")
    return std::nullopt;
  ApiPath out{decode(segments[1]), {}};
  if (segments.size() == 4) out.socket = decode(segments[3]);
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
  if (std::string token = query_token(request.query()); !token.empty()) return token;
  if (request.body().empty()) return {};
  const auto body = dialects::parse_json(request.body());
  const auto* token = body ? body->find("auth_token", dialects::Json::Kind::string) : nullptr;
  return token ? token->text : std::string();
}

std::string error_name(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

}  // namespace kazoo
