// SPDX-License-Identifier: Apache-2.0
#include "common/message.hpp"

#include <algorithm>
#include <dragoman/sdk/host.hpp>

#include "common/text.hpp"

namespace buses {
namespace {

using dragoman::sdk::view;

constexpr std::string_view blanks = " \t\r\n";

// Whether it begins and ends like an object or array.
bool looks_like_json(std::string_view body) {
  const std::size_t first = body.find_first_not_of(blanks);
  if (first == std::string_view::npos) return false;
  const char last = body[body.find_last_not_of(blanks)];
  return (body[first] == '{' && last == '}') || (body[first] == '[' && last == ']');
}

template <class Message>
std::size_t bytes_of(const Message& m) {
  std::size_t n = sizeof m + m.channel.size() + m.key.size() + m.id.size() + m.content_type.size() + m.body.size();
  for (const auto& [key, value] : m.attributes) n += sizeof(Attributes::value_type) + key.size() + value.size();
  return n;
}

}  // namespace

std::size_t Incoming::bytes() const {
  return bytes_of(*this);
}

std::size_t Outgoing::bytes() const {
  return bytes_of(*this);
}

void Incoming::add_attribute(std::string name, std::string value) {
  name = lower(std::move(name));
  if (name.empty() || name.size() > name_limit || value.size() > value_limit || attributes.size() == attribute_limit)
    return;
  if (!is_text(name) || !is_text(value)) return;
  const auto same = [&](const auto& other) { return other.first == name; };
  if (std::none_of(attributes.begin(), attributes.end(), same))
    attributes.emplace_back(std::move(name), std::move(value));
}

void Incoming::add_property(std::string name, std::string value) {
  if (lower(name) != "id") return add_attribute(std::move(name), std::move(value));
  if (id.empty() && value.size() <= name_limit && is_text(value)) id = std::move(value);
}

void Incoming::complete() {
  if (id.empty()) id = random_id();
  if (content_type.empty() || content_type.size() > name_limit || !is_text(content_type))
    content_type = looks_like_json(body) ? "application/json" : "application/octet-stream";
}

std::optional<Outgoing> outgoing(const dgm_event& event, std::size_t text_limit) {
  const auto fits = [&](dgm_str s) { return s.len <= text_limit && is_text(view(s)); };
  if (event.body.len > body_limit || !fits(event.id) || !fits(event.content_type)) return std::nullopt;
  Outgoing out;
  out.channel = view(event.channel);
  out.key = view(event.key);
  out.id = view(event.id);
  out.content_type = view(event.content_type);
  out.body = view(event.body);
  out.time_ms = event.time_ms;
  for (std::size_t i = 0; i < event.attribute_count; ++i) {
    const dgm_field& field = event.attributes[i];
    if (!fits(field.name) || !fits(field.value)) return std::nullopt;
    out.attributes.emplace_back(view(field.name), view(field.value));
  }
  return out;
}

}  // namespace buses
