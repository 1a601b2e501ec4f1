// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

#include "common/settings.hpp"
#include "common/text.hpp"
#include "topic.hpp"

namespace mqtt {

Settings parse_settings(std::string_view given, std::string_view state_directory) {
  using buses::refuse;
  const buses::SettingsReader from(given, state_directory);
  const auto seconds = [&](const char* key) { return std::chrono::ceil<std::chrono::seconds>(from.time(key)); };
  Settings s;
  s.endpoints = buses::parse_urls(from.at("url"), {"mqtt", "mqtts", 1883, 8883});
  s.version5 = from.at("version") == "5";
  s.client_id = from.text("client_id");
  s.username = from.text("username");
  s.password = from.secret("password");
  s.channel = from.text("channel");
  s.topics = boost::json::value_to<std::vector<std::string>>(from.at("topics"));
  s.qos = from.number<int>("qos");
  s.keepalive = seconds("keepalive");
  s.session_expiry = seconds("session_expiry");
  s.tls = from.tls();
  s.connect_timeout = from.time("connect_timeout");
  s.reconnect_min = from.time("reconnect_min");
  s.reconnect_max = from.time("reconnect_max");
  s.max_inflight = from.number<int>("max_inflight");
  s.queue_bytes = from.number<std::size_t>("queue_bytes");

  for (const std::string& topic : s.topics)
    if (!valid_filter(topic) || (topic.starts_with('$') && topic != "$SYS" && !topic.starts_with("$SYS/")))
      refuse("topics", "has an entry that is no topic filter, or one of a shared subscription");
  if (s.username.empty() && !s.password.empty()) refuse("password", "needs settings.username");
  if (s.reconnect_max < s.reconnect_min) refuse("reconnect_max", "is less than settings.reconnect_min");
  if (s.client_id.empty() && s.session_expiry.count() > 0)
    refuse("session_expiry", "needs settings.client_id: the broker finds the session by it");
  if (s.client_id.empty()) s.client_id = "dragoman-" + buses::random_id().substr(0, 12);
  return s;
}

}  // namespace mqtt
