// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

#include "common/settings.hpp"
#include "common/text.hpp"

namespace redis {

Settings parse_settings(std::string_view given, std::string_view state_directory) {
  using buses::refuse;
  const buses::SettingsReader from(given, state_directory);
  const auto texts = [&](const char* name) {
    auto out = boost::json::value_to<std::vector<std::string>>(from.at(name));
    for (const std::string& one : out)
      if (!buses::is_text(one)) refuse(name, "must be UTF-8 without control characters");
    return out;
  };
  Settings s;
  s.endpoints = buses::parse_urls(
      from.at("url"), {.plain = "redis", .tls = "rediss", .plain_port = 6379, .tls_port = 6379, .local = true});
  s.username = from.text("username");
  s.password = from.secret("password");
  s.database = from.number<int>("database");
  s.channel = from.text("channel");
  s.prefix = from.text("prefix");
  s.patterns = texts("patterns");
  s.streams = texts("streams");
  s.from_beginning = from.at("start") == "beginning";
  s.stream_length = from.number<long long>("stream_length");
  s.keepalive = from.time("keepalive");
  s.tls = from.tls();
  s.connect_timeout = from.time("connect_timeout");
  s.reconnect_min = from.time("reconnect_min");
  s.reconnect_max = from.time("reconnect_max");
  s.queue_bytes = from.number<std::size_t>("queue_bytes");

  if (!s.username.empty() && s.password.empty()) refuse("username", "needs settings.password");
  if (!s.streams.empty() && !(s.patterns.empty() && s.prefix.empty()))
    refuse("streams", "goes without settings.patterns and settings.prefix: streams are read, or channels");
  if (s.reconnect_max < s.reconnect_min) refuse("reconnect_max", "is less than settings.reconnect_min");
  return s;
}

}  // namespace redis
