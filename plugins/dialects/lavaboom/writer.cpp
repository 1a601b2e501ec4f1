// SPDX-License-Identifier: Apache-2.0
#include "writer.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "common/json_string.hpp"
#include "header_rules.hpp"

namespace lavaboom {

using dialects::append_json_string;

namespace {

void append_texts(std::string& out, const auto& texts) {
  out += '[';
  bool first = true;
  for (const auto& text : texts) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, text);
  }
  out += ']';
}

void append_headers(std::string& out, const Headers& headers) {
  const std::set<std::string> listed = listed_by_connection(headers);
  std::map<std::string, std::vector<std::string_view>> united;
  for (const auto& [name, value] : headers) {
    auto canonical = canonical_name(name);
    if (!concerns_connection(name) && !listed.contains(canonical)) united[std::move(canonical)].push_back(value);
  }
  out += '{';
  for (const auto& [name, values] : united) {
    if (out.back() != '{') out += ',';
    append_json_string(out, name);
    out += ':';
    append_texts(out, values);
  }
  out += '}';
}

}  // namespace

std::string response(std::string_view id, int status, const Headers& headers, std::string_view body, ResultType type) {
  std::string out = type == ResultType::result ? R"({"type":"result","id":)" : R"({"type":"response","id":)";
  out.append(id).append(R"(,"status":)").append(std::to_string(status)).append(R"(,"headers":)");
  append_headers(out, headers);
  out += R"(,"body":)";
  append_json_string(out, body);
  out += '}';
  return out;
}

std::string failure(std::string_view id, int status, std::string_view message, ResultType type) {
  std::string body = R"({"success":false,"message":)";
  append_json_string(body, message);
  body += '}';
  return response(id, status, {{"Content-Type", "application/json; charset=utf-8"}}, body, type);
}

std::string subscribed() {
  return R"({"type":"subscribed"})";
}

std::string unsubscribed() {
  return R"({"type":"unsubscribed"})";
}

std::string error(std::string_view text, std::string_view id) {
  std::string out = R"({"type":"error","error":)";
  append_json_string(out, text);
  if (!id.empty()) out.append(R"(,"id":)").append(id);
  out += '}';
  return out;
}

std::vector<std::string> unsubscribe_replies(bool was_subscribed, const Settings& settings) {
  if (was_subscribed) return {unsubscribed()};
  if (settings.double_reply) return {error(not_subscribed), unsubscribed()};
  return {error(not_subscribed)};
}

std::vector<std::string> unknown_replies(const Unknown& message, const Settings& settings) {
  if (settings.ignore_unknown_types) return {};
  return {error(unknown_type, message.id)};
}

std::string event_message(const UserEvent& event, bool minimal) {
  std::string out = event.kind == EventKind::delivery ? R"({"type":"delivery","id":)" : R"({"type":"receipt","id":)";
  append_json_string(out, event.id);
  out += R"(,"name":)";
  append_json_string(out, event.name.value_or(std::string()));
  if (!minimal) {
    out += R"(,"thread":)";
    append_json_string(out, event.thread.value_or(std::string()));
    out += R"(,"labels":)";
    append_texts(out, event.labels.value_or(std::vector<std::string>()));
  }
  out += '}';
  return out;
}

}  // namespace lavaboom
