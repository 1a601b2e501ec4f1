// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <utility>

#include "common/percent.hpp"

namespace wazo {
namespace {

namespace json = boost::json;

const json::string* string_member(const json::object& o, const char* name) {
  const auto found = o.find(name);
  return found == o.end() ? nullptr : found->value().if_string();
}

std::string copy(const json::string& s) {
  return {s.data(), s.size()};
}

}  // namespace

std::optional<Command> parse_command(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  const json::object* root = error ? nullptr : value.if_object();
  const json::string* op = root ? string_member(*root, "op") : nullptr;
  if (!op) return std::nullopt;
  if (*op == "start") return Start{};
  const auto found = root->find("data");
  const json::object* data = found == root->end() ? nullptr : found->value().if_object();
  if (!data) return std::nullopt;
  const auto field = [&](const char* name) { return string_member(*data, name); };
  if (*op == "subscribe") {
    if (const auto* name = field("event_name")) return Subscribe{copy(*name)};
  } else if (*op == "token") {
    if (const auto* token = field("token")) return RenewToken{copy(*token)};
  } else if (*op == "ping") {
    if (const auto* payload = field("payload")) return Ping{copy(*payload)};
  }
  return std::nullopt;
}

Query parse_query(std::string_view query) {
  Query out;
  while (auto pair = dialects::next_pair(query)) {
    if (pair->name == "token" && !out.token) out.token = std::move(pair->value);
    if (pair->name == "version" && !out.version) out.version = std::move(pair->value);
  }
  return out;
}

// What Python's int() reads: blanks around it, a sign, digits with single underscores between them.
VersionVerdict judge_version(const std::optional<std::string>& version) {
  if (!version) return VersionVerdict::v1;
  std::string_view s = *version;
  static constexpr std::string_view blanks = " \t\n\r\f\v";
  const std::size_t first = s.find_first_not_of(blanks);
  if (first == s.npos) return VersionVerdict::not_a_number;
  s = s.substr(first, s.find_last_not_of(blanks) - first + 1);
  const bool negative = s.starts_with('-');
  if (negative || s.starts_with('+')) s.remove_prefix(1);
  long value = 0;
  bool digit_before = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '_' && digit_before && i + 1 < s.size()) {
      digit_before = false;
      continue;
    }
    if (s[i] < '0' || s[i] > '9') return VersionVerdict::not_a_number;
    digit_before = true;
    value = std::min(value * 10 + (s[i] - '0'), 1000L);
  }
  if (!digit_before) return VersionVerdict::not_a_number;
  if (negative) value = -value;
  return value == 1 ? VersionVerdict::v1 : value == 2 ? VersionVerdict::v2 : VersionVerdict::unsupported;
}

std::string json_string(std::string_view s) {
  std::string out = "\"";
  char escape[16];
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    std::size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    size = std::min(size, s.size() - i);
    std::uint32_t point = size == 1 ? c : c & (0x7fu >> size);
    for (std::size_t k = 1; k < size; ++k) point = point << 6 | (static_cast<unsigned char>(s[i + k]) & 0x3fu);
    i += size;
    switch (point) {
      case '"':
        out += "\\\"";
        continue;
      case '\\':
        out += "\\\\";
        continue;
      case '\n':
        out += "\\n";
        continue;
      case '\r':
        out += "\\r";
        continue;
      case '\t':
        out += "\\t";
        continue;
      case '\f':
        out += "\\f";
        continue;
      case '\b':
        out += "\\b";
        continue;
      default:
        break;
    }
    if (point >= 0x20 && point <= 0x7f) {
      out += static_cast<char>(point);
    } else if (point < 0x10000) {
      std::snprintf(escape, sizeof escape, "\\u%04x", point);
      out += escape;
    } else {
      point -= 0x10000;
      std::snprintf(escape, sizeof escape, "\\u%04x\\u%04x", 0xd800 + (point >> 10), 0xdc00 + (point & 0x3ff));
      out += escape;
    }
  }
  return out + '"';
}

std::string init_reply(Version version, V1Reply style) {
  const std::string data = std::string(R"("data": {"version": )") + (version == Version::v2 ? "2}" : "1}");
  if (version == Version::v2 || style == V1Reply::upstream) return R"({"op": "init", "code": 0, )" + data + "}";
  if (style == V1Reply::both) return R"({"op": "init", "code": 0, "msg": "", )" + data + "}";
  return R"({"op": "init", "code": 0, "msg": ""})";
}

std::string ok_reply(std::string_view op, Version version, V1Reply style) {
  std::string head = R"({"op": ")" + std::string(op) + R"(", "code": 0, )";
  if (version == Version::v2 || style == V1Reply::upstream) return head + R"("data": null})";
  if (style == V1Reply::both) return head + R"("msg": "", "data": null})";
  return head + R"("msg": ""})";
}

std::string pong_reply(std::string_view payload) {
  return R"({"op": "pong", "code": 0, "data": {"payload": )" + json_string(payload) + "}}";
}

}  // namespace wazo
