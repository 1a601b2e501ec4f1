// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <mqtt_protocol.h>

#include <algorithm>
#include <cstdlib>
#include <dragoman/sdk/host.hpp>
#include <new>

#include "text.hpp"
#include "topic.hpp"

namespace mqtt {
namespace {

using dragoman::sdk::view;

// Those of what is published over HTTP; journals take no longer value of an attribute.
constexpr std::size_t name_limit = 255, value_limit = 1024, attribute_limit = 64;
constexpr std::size_t key_limit = 4096;
constexpr std::size_t body_limit = 64 << 20;
constexpr std::size_t property_limit = 65535;  // of a string in MQTT

constexpr std::string_view blanks = " \t\r\n";

// Whether it begins and ends like an object or array.
bool looks_like_json(std::string_view body) {
  const std::size_t first = body.find_first_not_of(blanks);
  if (first == std::string_view::npos) return false;
  const char last = body[body.find_last_not_of(blanks)];
  return (body[first] == '{' && last == '}') || (body[first] == '[' && last == ']');
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string take(char* text) {
  const std::unique_ptr<char, decltype(&std::free)> held(text, std::free);
  return text ? std::string(text) : std::string();
}

void read_user_property(std::string name, std::string value, Incoming& into) {
  name = lower(std::move(name));
  if (!is_text(name) || !is_text(value) || name.empty() || name.size() > name_limit || name == "retained") return;
  if (name == "id") {
    if (into.id.empty() && value.size() <= name_limit) into.id = std::move(value);
    return;
  }
  if (value.size() > value_limit || into.attributes.size() == attribute_limit) return;
  const auto same = [&](const auto& other) { return other.first == name; };
  if (std::none_of(into.attributes.begin(), into.attributes.end(), same))
    into.attributes.emplace_back(std::move(name), std::move(value));
}

void read_properties(const mosquitto_property* at, Incoming& into) {
  for (; at; at = mosquitto_property_next(at)) {
    char *name = nullptr, *value = nullptr;
    switch (mosquitto_property_identifier(at)) {
      case MQTT_PROP_CONTENT_TYPE:
        mosquitto_property_read_string(at, MQTT_PROP_CONTENT_TYPE, &value, false);
        into.content_type = take(value);
        break;
      case MQTT_PROP_USER_PROPERTY: {
        mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &name, &value, false);
        std::string owned = take(name);
        read_user_property(std::move(owned), take(value), into);
        break;
      }
      default:
        break;
    }
  }
}

template <class Message>
std::size_t bytes_of(const Message& m, std::size_t name) {
  std::size_t n = sizeof m + name + m.body.size() + m.id.size() + m.content_type.size();
  for (const auto& [key, value] : m.attributes) n += sizeof(Attributes::value_type) + key.size() + value.size();
  return n;
}

}  // namespace

std::size_t Incoming::bytes() const {
  return bytes_of(*this, key.size());
}

std::size_t Outgoing::bytes() const {
  return bytes_of(*this, topic.size());
}

std::optional<Incoming> read_message(const mosquitto_message& message, const mosquitto_property* properties) {
  Incoming out;
  if (!message.topic || message.payloadlen < 0 || static_cast<std::size_t>(message.payloadlen) > body_limit)
    return std::nullopt;
  out.key = key_of(message.topic);
  if (out.key.size() > key_limit || !is_text(out.key)) return std::nullopt;
  if (message.payloadlen > 0)
    out.body.assign(static_cast<const char*>(message.payload), static_cast<std::size_t>(message.payloadlen));
  read_properties(properties, out);
  if (out.content_type.empty() || out.content_type.size() > name_limit || !is_text(out.content_type))
    out.content_type = looks_like_json(out.body) ? "application/json" : "application/octet-stream";
  if (message.retain) out.attributes.emplace_back("retained", "true");
  if (out.id.empty()) out.id = random_id();
  return out;
}

std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel) {
  if (view(event.channel) != channel) return std::nullopt;
  auto topic = topic_of(view(event.key));
  if (!topic || event.body.len > body_limit) return std::nullopt;
  const auto fits = [](dgm_str s) { return s.len <= property_limit && is_text(view(s)); };
  if (!fits(event.id) || !fits(event.content_type)) return std::nullopt;
  Outgoing out;
  out.topic = std::move(*topic);
  out.body = view(event.body);
  out.id = view(event.id);
  out.content_type = view(event.content_type);
  for (std::size_t i = 0; i < event.attribute_count; ++i) {
    const dgm_field& field = event.attributes[i];
    if (!fits(field.name) || !fits(field.value)) return std::nullopt;
    out.attributes.emplace_back(view(field.name), view(field.value));
  }
  return out;
}

Properties properties_of(const Outgoing& message) {
  mosquitto_property* list = nullptr;
  const auto pair = [&](const char* name, const char* value) {
    return mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, name, value);
  };
  bool good = message.content_type.empty() ||
              mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, message.content_type.c_str()) == 0;
  if (good && !message.id.empty()) good = pair("id", message.id.c_str()) == 0;
  for (const auto& [name, value] : message.attributes) good = good && pair(name.c_str(), value.c_str()) == 0;
  Properties out(list);
  if (!good) throw std::bad_alloc();
  return out;
}

}  // namespace mqtt
