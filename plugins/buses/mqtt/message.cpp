// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <mqtt_protocol.h>

#include <cstdlib>
#include <dragoman/sdk/host.hpp>
#include <new>

#include "common/text.hpp"
#include "topic.hpp"

namespace mqtt {
namespace {

using dragoman::sdk::view;

constexpr std::size_t property_limit = 65535;  // of a string in MQTT

std::string take(char* text) {
  const std::unique_ptr<char, decltype(&std::free)> held(text, std::free);
  return text ? std::string(text) : std::string();
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
        std::string text = take(value);
        if (buses::lower(owned) != "retained") into.add_property(std::move(owned), std::move(text));
        break;
      }
      default:
        break;
    }
  }
}

}  // namespace

std::optional<Incoming> read_message(const mosquitto_message& message, const mosquitto_property* properties,
                                     const std::string& channel) {
  Incoming out;
  if (!message.topic || message.payloadlen < 0 || static_cast<std::size_t>(message.payloadlen) > buses::body_limit)
    return std::nullopt;
  out.channel = channel;
  out.key = key_of(message.topic);
  if (out.key.size() > buses::key_limit || !buses::is_text(out.key)) return std::nullopt;
  if (message.payloadlen > 0)
    out.body.assign(static_cast<const char*>(message.payload), static_cast<std::size_t>(message.payloadlen));
  if (message.retain) out.add_attribute("retained", "true");
  read_properties(properties, out);
  out.complete();
  return out;
}

std::optional<Outgoing> read_event(const dgm_event& event, const std::string& channel) {
  if (view(event.channel) != channel) return std::nullopt;
  auto topic = topic_of(view(event.key));
  auto out = buses::outgoing(event, property_limit);
  if (!topic || !out) return std::nullopt;
  out->key = std::move(*topic);
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
