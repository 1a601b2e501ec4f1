// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

#include "common/settings.hpp"
#include "common/text.hpp"
#include "subject.hpp"

namespace nats {
namespace {

bool is_name(const std::string& text) {
  return text.find_first_of(" .*>/\\") == std::string::npos && buses::is_text(text);
}

}  // namespace

Settings parse_settings(std::string_view given, std::string_view state_directory) {
  using buses::refuse;
  const buses::SettingsReader from(given, state_directory);
  Settings s;
  s.endpoints = buses::parse_urls(from.at("url"), {"nats", "tls", 4222, 4222});
  s.client_name = from.text("client_name");
  s.username = from.text("username");
  s.password = from.secret("password");
  s.token = from.secret("token");
  s.credentials = from.path("credentials");
  s.channel = from.text("channel");
  s.stream = from.text("stream");
  s.durable = from.text("durable");
  s.max_ack_pending = from.number<int>("max_ack_pending");
  s.tls = from.tls();
  s.connect_timeout = from.time("connect_timeout");
  s.answer_timeout = from.time("answer_timeout");
  s.ping_interval = from.time("ping_interval");
  s.reconnect_min = from.time("reconnect_min");
  s.reconnect_max = from.time("reconnect_max");
  s.max_inflight = from.number<std::size_t>("max_inflight");
  s.queue_bytes = from.number<std::size_t>("queue_bytes");
  s.pending_messages = from.number<std::size_t>("pending_messages");
  s.pending_bytes = from.number<std::size_t>("pending_bytes");

  const auto subjects = boost::json::value_to<std::vector<std::string>>(from.at("subjects"));
  for (const std::string& subject : subjects) {
    const auto filter = filter_of_subject(subject);
    if (!filter) refuse("subjects", "has an entry that is no subject");
    s.bounds.push_back(*filter);
  }
  if (s.username.empty() && !s.password.empty()) refuse("password", "needs settings.username");
  if (!s.username.empty() + !s.token.empty() + !s.credentials.empty() > 1)
    refuse("username", ", settings.token and settings.credentials are three ways to log in: one is enough");
  if (s.reconnect_max < s.reconnect_min) refuse("reconnect_max", "is less than settings.reconnect_min");
  if (!is_name(s.stream)) refuse("stream", "is no name of a stream");
  if (!is_name(s.durable)) refuse("durable", "is no name of a consumer");
  if (!s.durable.empty() && s.stream.empty()) refuse("durable", "needs settings.stream");
  if (!s.stream.empty() && subjects.size() > 1) refuse("subjects", "may be one at most with settings.stream");
  if (!s.stream.empty() && !subjects.empty()) s.stream_subject = subjects.front();
  return s;
}

}  // namespace nats
