// SPDX-License-Identifier: Apache-2.0
#include "events.hpp"

#include "common/json_check.hpp"
#include "common/json_items.hpp"
#include "common/json_string.hpp"
#include "common/rfc3339.hpp"
#include "request_path.hpp"

namespace lavaboom {

using dialects::check_object;
using dialects::find_member;
using dialects::Items;
using dialects::read_string;

namespace {

std::optional<std::string> text_member(std::string_view object, std::string_view key) {
  return read_string(find_member(object, key));
}

// Elements that are no strings are left out.
std::vector<std::string> texts(std::string_view array) {
  std::vector<std::string> out;
  for (Items items(array); items.next();)
    if (auto text = read_string(items.value())) out.push_back(std::move(*text));
  return out;
}

// The object under `key` in the answer.
std::optional<std::string_view> answer_object(std::string_view body, std::string_view key) {
  const auto root = check_object(body);
  const std::string_view value = root ? find_member(*root, key) : std::string_view();
  if (!value.starts_with('{')) return std::nullopt;
  return value;
}

std::optional<std::string> path_below(std::string_view collection, std::string_view id) {
  auto segment = path_segment(id);
  if (!segment) return std::nullopt;
  return std::string(collection) + *segment;
}

}  // namespace

std::optional<UserEvent> parse_queue_message(std::string_view key, std::string_view body) {
  if (key != delivery_key && key != receipt_key) return std::nullopt;
  const auto object = check_object(body);
  if (!object) return std::nullopt;
  auto id = text_member(*object, "id"), owner = text_member(*object, "owner");
  if (!id || id->empty() || !owner || owner->empty() || owner->size() > longest_owner) return std::nullopt;
  UserEvent event{key == delivery_key ? EventKind::delivery : EventKind::receipt,
                  std::move(*id),
                  std::move(*owner),
                  text_member(*object, "name"),
                  text_member(*object, "thread"),
                  std::nullopt};
  const std::string_view labels = find_member(*object, "labels");
  if (labels.starts_with('[')) event.labels = texts(labels);
  return event;
}

std::optional<std::string> email_path(std::string_view id) {
  return path_below("/emails/", id);
}

std::optional<std::string> thread_path(std::string_view thread) {
  return path_below("/threads/", thread);
}

std::optional<Email> parse_email(std::string_view body) {
  const auto object = answer_object(body, "email");
  auto name = object ? text_member(*object, "name") : std::nullopt;
  if (!name) return std::nullopt;
  return Email{std::move(*name), text_member(*object, "thread").value_or(std::string())};
}

std::optional<std::vector<std::string>> parse_thread_labels(std::string_view body) {
  const auto object = answer_object(body, "thread");
  if (!object) return std::nullopt;
  const std::string_view labels = find_member(*object, "labels");
  return labels.starts_with('[') ? texts(labels) : std::vector<std::string>();
}

std::optional<Token> parse_token(std::string_view body) {
  const auto object = answer_object(body, "token");
  auto owner = object ? text_member(*object, "owner") : std::nullopt;
  if (!owner || owner->empty()) return std::nullopt;
  Token token{std::move(*owner), text_member(*object, "type").value_or(std::string()), std::nullopt};
  if (const auto date = text_member(*object, "expiry_date")) token.expires_ms = dialects::parse_rfc3339(*date);
  return token;
}

std::optional<Account> accept(const Token& token, std::int64_t now_ms, const Settings& settings) {
  if (settings.require_auth_type && token.type != "auth") return std::nullopt;
  if (!settings.check_token_expiry) return Account{token.owner, std::nullopt};
  if (!token.expires_ms || *token.expires_ms <= now_ms) return std::nullopt;
  return Account{token.owner, token.expires_ms};
}

}  // namespace lavaboom
