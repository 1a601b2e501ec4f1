// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

#include "common/settings.hpp"
#include "common/text.hpp"

namespace amqp {
namespace {

namespace json = boost::json;
using buses::refuse;

constexpr std::pair<ExchangeType, const char*> types[] = {{ExchangeType::topic, "topic"},
                                                          {ExchangeType::fanout, "fanout"},
                                                          {ExchangeType::direct, "direct"},
                                                          {ExchangeType::headers, "headers"}};

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// The virtual host "/" is what no path means, and one that is empty.
std::string vhost_of(const std::string& path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      out += path[i];
      continue;
    }
    const int high = i + 2 < path.size() ? hex(path[i + 1]) : -1, low = i + 2 < path.size() ? hex(path[i + 2]) : -1;
    if (high < 0 || low < 0) refuse("url", "has a % that two hexadecimal digits do not follow");
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  if (!buses::is_text(out) || out.size() > 255) refuse("url", "names a virtual host that cannot be");
  return out.empty() ? "/" : out;
}

Arguments read_arguments(const json::object& from) {
  Arguments out;
  for (const auto& member : from) {
    const std::string name(member.key());
    if (member.value().is_string())
      out.emplace_back(name, json::value_to<std::string>(member.value()));
    else if (member.value().is_bool())
      out.emplace_back(name, member.value().get_bool());
    else
      out.emplace_back(name, member.value().to_number<std::int64_t>());
  }
  return out;
}

Exchange read_exchange(const json::object& from) {
  Exchange out;
  for (const auto& [type, name] : types)
    if (from.at("type") == name) out.type = type;
  out.declare = from.at("declare").as_bool();
  out.durable = from.at("durable").as_bool();
  out.auto_delete = from.at("auto_delete").as_bool();
  for (const json::value& arguments : from.at("match").as_array())
    out.match.push_back(read_arguments(arguments.as_object()));
  if (!out.match.empty() && out.type != ExchangeType::headers)
    refuse("exchanges", "has an entry with match whose type is not headers");
  return out;
}

}  // namespace

const char* name_of(ExchangeType type) {
  for (const auto& [one, name] : types)
    if (one == type) return name;
  return "";
}

const Exchange& Settings::exchange(std::string_view name) const {
  static const Exchange unknown;
  const auto found = exchanges.find(name);
  return found == exchanges.end() ? unknown : found->second;
}

Settings parse_settings(std::string_view given, std::string_view state_directory) {
  const buses::SettingsReader from(given, state_directory);
  Settings s;
  s.endpoints = buses::parse_urls(from.at("url"), {"amqp", "amqps", 5672, 5671, true});
  for (buses::Endpoint& endpoint : s.endpoints) endpoint.path = vhost_of(endpoint.path);
  s.username = from.text("username");
  s.password = from.secret("password");
  for (const auto& member : from.at("exchanges").as_object()) {
    if (!buses::is_text({member.key().data(), member.key().size()}) || member.key().empty())
      refuse("exchanges", "has a name that is empty or no text; the default exchange needs no entry");
    s.exchanges.emplace(member.key(), read_exchange(member.value().as_object()));
  }
  s.queue = from.text("queue");
  s.queue_channel = from.text("queue_channel");
  s.queue_declare = from.flag("queue_declare");
  s.queue_durable = from.flag("queue_durable");
  s.queue_expires = from.time("queue_expires");
  s.prefetch = from.number<std::uint16_t>("prefetch");
  s.message_bytes = from.number<std::size_t>("message_bytes");
  s.drop = from.at("overflow") == "drop";
  s.persistent = from.flag("persistent");
  s.heartbeat = std::chrono::ceil<std::chrono::seconds>(from.time("heartbeat"));
  s.tls = from.tls();
  s.connect_timeout = from.time("connect_timeout");
  s.reconnect_min = from.time("reconnect_min");
  s.reconnect_max = from.time("reconnect_max");
  s.publish_timeout = from.time("publish_timeout");
  s.max_inflight = from.number<std::size_t>("max_inflight");
  s.queue_bytes = from.number<std::size_t>("queue_bytes");

  if (s.reconnect_max < s.reconnect_min) refuse("reconnect_max", "is less than settings.reconnect_min");
  if (s.queue.empty() &&
      (s.queue_durable || s.queue_expires.count() > 0 || !s.queue_channel.empty() || !s.queue_declare))
    refuse("queue", "is needed by the other settings of the queue");
  return s;
}

}  // namespace amqp
