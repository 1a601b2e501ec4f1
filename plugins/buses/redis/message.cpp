// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <array>
#include <dragoman/sdk/host.hpp>

#include "common/text.hpp"

namespace redis {
namespace {

using dragoman::sdk::view;

constexpr std::array<std::string_view, 4> own_fields = {"key", "id", "content_type", "body"};
// Entries that were named by hand have names far from the time.
constexpr std::int64_t earliest_ms = 946'684'800'000, ahead_ms = 86'400'000;

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= buses::key_limit && buses::is_text(key);
}

}  // namespace

std::optional<Incoming> read_message(std::string key, std::string body, const std::string& channel) {
  if (!is_key(key) || body.size() > buses::body_limit) return std::nullopt;
  Incoming out;
  out.channel = channel;
  out.key = std::move(key);
  out.body = std::move(body);
  out.complete();
  return out;
}

std::optional<Incoming> read_entry(const std::string& stream, StreamId id, Reply& fields, const std::string& channel,
                                   std::int64_t now_ms) {
  Incoming out;
  const std::array<std::string*, 4> own = {&out.key, &out.id, &out.content_type, &out.body};
  std::array<bool, 4> seen{};
  for (std::size_t i = 0; i + 1 < fields.elements.size(); i += 2) {
    std::string& name = fields.elements[i]->text;
    std::string& value = fields.elements[i + 1]->text;
    std::size_t at = 0;
    while (at < own_fields.size() && own_fields[at] != name) ++at;
    // An attribute may have the name of one of them, and comes later then.
    if (at == own_fields.size() || seen[at]) {
      out.add_attribute(std::move(name), std::move(value));
    } else {
      *own[at] = std::move(value);
      seen[at] = true;
    }
  }
  if (out.key.empty()) out.key = stream;
  if (!is_key(out.key) || out.body.size() > buses::body_limit) return std::nullopt;
  if (out.id.empty() || out.id.size() > buses::name_limit || !buses::is_text(out.id)) out.id = stream + '/' + id.text();
  const auto ms = static_cast<std::int64_t>(id.milliseconds);
  if (ms >= earliest_ms && ms <= now_ms + ahead_ms) out.time_ms = ms;
  out.channel = channel;
  out.complete();
  return out;
}

std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel) {
  if (view(event.channel) != channel || !is_key(view(event.key))) return std::nullopt;
  return buses::outgoing(event, buses::body_limit);
}

std::vector<std::string_view> fields_of(const Outgoing& message) {
  std::vector<std::string_view> out = {own_fields[0], message.key,          own_fields[1], message.id,
                                       own_fields[2], message.content_type, own_fields[3], message.body};
  for (const auto& [name, value] : message.attributes) {
    out.push_back(name);
    out.push_back(value);
  }
  return out;
}

}  // namespace redis
