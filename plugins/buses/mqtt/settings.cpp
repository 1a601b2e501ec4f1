// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <dragoman/sdk/host.hpp>
#include <filesystem>

#include "text.hpp"
#include "topic.hpp"

namespace mqtt {
namespace {

using dragoman::sdk::ConfigError;

[[noreturn]] void refuse(const char* name, const char* what) {
  throw ConfigError(std::string("settings.") + name + " " + what);
}

// The URL is no part of a sentence: who put a password into it has made a mistake, but it is a password.
Endpoint parse_url(std::string_view url) {
  Endpoint out;
  if (url.starts_with("mqtts://"))
    out.tls = true;
  else if (!url.starts_with("mqtt://"))
    refuse("url", "must begin with mqtt:// or mqtts://");
  std::string_view rest = url.substr(out.tls ? 8 : 7);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos)
    refuse("url", "must not hold credentials; they go to settings.username and settings.password");
  if (rest.find_first_of("/?#") != std::string_view::npos) refuse("url", "must end after the host and port");
  std::string_view port;
  bool has_port = false;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) refuse("url", "has an IPv6 address without its closing bracket");
    out.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
    has_port = port.starts_with(':');
    if (!has_port && !port.empty()) refuse("url", "has text between the address and the port");
    if (has_port) port.remove_prefix(1);
  } else {
    const std::size_t colon = rest.find(':');
    out.host = rest.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = rest.substr(colon + 1);
  }
  if (out.host.empty() || out.host.size() > 253 || out.host.find_first_of(" \t\\\"%") != std::string::npos ||
      !is_text(out.host))
    refuse("url", "names no host");
  out.port = out.tls ? 8883 : 1883;
  if (has_port) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port == 0)
      refuse("url", "has a port that is no number from 1 to 65535");
  }
  return out;
}

std::string path(const boost::json::object& o, const char* name, std::string_view state_directory) {
  const auto given = boost::json::value_to<std::string>(o.at(name));
  return given.empty() ? given : (std::filesystem::path(state_directory) / given).string();
}

}  // namespace

std::string Endpoint::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (tls ? "mqtts://" : "mqtt://") + (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Settings parse_settings(std::string_view given, std::string_view state_directory) {
  namespace json = boost::json;
  const json::object o = json::parse({given.data(), given.size()}).as_object();
  const auto text = [&](const char* key) {
    auto value = json::value_to<std::string>(o.at(key));
    if (!is_text(value)) refuse(key, "must be UTF-8 without control characters");
    return value;
  };
  const auto time = [&](const char* key) { return std::chrono::milliseconds(o.at(key).to_number<std::int64_t>()); };
  const auto seconds = [&](const char* key) { return std::chrono::ceil<std::chrono::seconds>(time(key)); };
  Settings s;
  if (o.at("url").is_string())
    s.endpoints.push_back(parse_url(json::value_to<std::string>(o.at("url"))));
  else
    for (const json::value& url : o.at("url").as_array())
      s.endpoints.push_back(parse_url(json::value_to<std::string>(url)));
  s.version5 = o.at("version") == "5";
  s.client_id = text("client_id");
  s.username = text("username");
  s.password = json::value_to<std::string>(o.at("password"));
  s.channel = text("channel");
  s.topics = json::value_to<std::vector<std::string>>(o.at("topics"));
  s.qos = o.at("qos").to_number<int>();
  s.keepalive = seconds("keepalive");
  s.session_expiry = seconds("session_expiry");
  s.ca = path(o, "ca", state_directory);
  s.certificate = path(o, "certificate", state_directory);
  s.key = path(o, "key", state_directory);
  s.verify = o.at("verify").as_bool();
  s.connect_timeout = time("connect_timeout");
  s.reconnect_min = time("reconnect_min");
  s.reconnect_max = time("reconnect_max");
  s.max_inflight = o.at("max_inflight").to_number<int>();
  s.queue_bytes = o.at("queue_bytes").to_number<std::size_t>();

  for (const std::string& topic : s.topics)
    if (!valid_filter(topic) || (topic.starts_with('$') && topic != "$SYS" && !topic.starts_with("$SYS/")))
      refuse("topics", "has an entry that is no topic filter, or one of a shared subscription");
  if (s.username.empty() && !s.password.empty()) refuse("password", "needs settings.username");
  if (s.certificate.empty() != s.key.empty()) refuse("certificate", "and settings.key need each other");
  if (s.reconnect_max < s.reconnect_min) refuse("reconnect_max", "is less than settings.reconnect_min");
  if (s.client_id.empty() && s.session_expiry.count() > 0)
    refuse("session_expiry", "needs settings.client_id: the broker finds the session by it");
  if (s.client_id.empty()) s.client_id = "dragoman-" + random_id().substr(0, 12);
  return s;
}

}  // namespace mqtt
