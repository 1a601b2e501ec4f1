// SPDX-License-Identifier: Apache-2.0
#include "cli/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "cli/printable.hpp"

namespace dragoman::cli {
namespace json = boost::json;

namespace {

json::object object_of(std::string_view body) {
  json::error_code error;
  json::value parsed = json::parse({body.data(), body.size()}, error);
  return !error && parsed.is_object() ? std::move(parsed.get_object()) : json::object();
}

}  // namespace

std::string refusal_sentence(std::string_view body) {
  const json::object refusal = object_of(body);
  std::string text;
  for (const char* member : {"path", "header"})
    if (const auto* value = refusal.if_contains(member); value && value->is_string())
      text += std::string(value->get_string()) + ": ";
  if (const auto* value = refusal.if_contains("error"); value && value->is_string())
    text += std::string(value->get_string());
  if (!text.empty()) return printable(text);
  // Refusals of the HTTP layer are a line of text; whatever else answers may send anything.
  base::append_log_value(text, body.substr(0, std::min<std::size_t>(body.find('\n'), 200)));
  return text;
}

std::string sentence_of(const HttpAnswer& answer) {
  return fmt::format("the gateway answered {}: {}", answer.status, refusal_sentence(answer.body));
}

std::optional<std::size_t> refused_index(std::string_view body) {
  const json::object refusal = object_of(body);
  const auto* index = refusal.if_contains("index");
  if (!index || !index->is_int64() || index->get_int64() < 0) return std::nullopt;
  return static_cast<std::size_t>(index->get_int64());
}

}  // namespace dragoman::cli
