// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include <algorithm>

#include "common/json_string.hpp"
#include "json_text.hpp"

namespace valtronics {

using dialects::quote;

namespace {

using Kind = Json::Kind;

// A token may be longer than other messages (digest section 6).
constexpr std::size_t longest_auth = 8192;

Problem invalid_message(std::string text) {
  return {"invalid_message", std::move(text)};
}

Problem message_too_large(std::size_t limit) {
  return {"message_too_large", "Message is longer than " + std::to_string(limit) + " bytes", std::nullopt, limit};
}

std::size_t limit_of(std::string_view type, const Settings& settings) {
  return type == "auth" ? std::max(longest_auth, settings.max_message_bytes) : settings.max_message_bytes;
}

// In an error text, so that nobody is sent back what he made long.
std::string brief(std::string_view text) {
  return std::string(shorten(text, 64));
}

struct Named {
  std::optional<Channel> channel;
  Problem problem;
};

Named read_channel(const Json& message, std::optional<Channel> fixed, const Settings& settings) {
  const Json* given = message.find("channel");
  if (given && given->is(Kind::null)) given = nullptr;
  if (!given && fixed) return {fixed, {}};
  if (!given) return {std::nullopt, invalid_message("Missing channel")};
  if (!given->is(Kind::string)) return {std::nullopt, invalid_message("channel must be a string")};
  const auto channel = channel_of(given->text, settings.channel_aliases);
  const std::string shown = brief(given->text);
  if (!channel) return {std::nullopt, {"unknown_channel", "Unknown channel: " + shown, shown}};
  if (fixed && channel != fixed)
    return {std::nullopt,
            {"channel_not_available",
             "Only the channel " + std::string(name_of(*fixed)) + " is available at this endpoint", shown}};
  return {channel, {}};
}

Problem filter_problem(const FilterProblem& problem, Channel channel) {
  const std::string name(name_of(channel));
  if (problem.frequency)
    return {"invalid_frequency", "frequency must be real-time or a time from 1s to 24h such as 30s, 5m or 1h", name};
  return {"invalid_filters", problem.member + " has a value of the wrong type", name};
}

Command behind_auth(Problem problem) {
  problem.behind_auth = true;
  return problem;
}

Command read_subscribe(const Json& message, std::optional<Channel> fixed, const Settings& settings) {
  Named named = read_channel(message, fixed, settings);
  if (!named.channel) return behind_auth(std::move(named.problem));
  Subscribe out{*named.channel, {}};
  if (const auto problem = read_subscription(message, out.channel, out.subscription))
    return behind_auth(filter_problem(*problem, out.channel));
  return out;
}

Command read_unsubscribe(const Json& message, std::optional<Channel> fixed, const Settings& settings) {
  Named named = read_channel(message, fixed, settings);
  if (!named.channel) return behind_auth(std::move(named.problem));
  Unsubscribe out{*named.channel, {}};
  if (out.channel != Channel::system)
    if (const auto problem = read_devices(message, out.devices))
      return behind_auth(filter_problem(*problem, out.channel));
  return out;
}

Command read_ping(const Json& message) {
  const Json* timestamp = message.find("timestamp");
  if (!timestamp || timestamp->is(Kind::null)) return Ping{};
  if (!timestamp->is(Kind::string)) return invalid_message("timestamp must be a string");
  return Ping{timestamp->text};
}

// A message that is no batch, or stands in one.
Command read_command(const Json& message, std::optional<Channel> fixed, const Settings& settings) {
  if (!message.is(Kind::object)) return invalid_message("Message must be a JSON object");
  const Json* type = message.find("type");
  if (!type) return invalid_message("Missing message type");
  if (!type->is(Kind::string)) return invalid_message("type must be a string");
  const std::size_t limit = limit_of(type->text, settings);
  if (settings.max_message_bytes && message.raw.size() > limit) return message_too_large(limit);
  if (type->text == "auth") {
    const Json* token = message.find("token", Kind::string);
    return Auth{token ? token->text : std::string()};
  }
  if (type->text == "subscribe") return read_subscribe(message, fixed, settings);
  if (type->text == "unsubscribe") return read_unsubscribe(message, fixed, settings);
  if (type->text == "ping") return read_ping(message);
  if (type->text == "batch") return invalid_message("A batch cannot hold a batch");
  return Problem{"unknown_message_type", "Unknown message type: " + brief(type->text)};
}

bool is_batch(const Json& message) {
  const Json* type = message.find("type", Kind::string);
  return type && type->text == "batch";
}

std::vector<Command> one(Command command) {
  std::vector<Command> out;
  out.push_back(std::move(command));
  return out;
}

std::vector<Command> read_batch(const Json& batch, std::optional<Channel> fixed, const Settings& settings) {
  const Json* messages = batch.find("messages", Kind::array);
  if (!messages) return one(invalid_message("messages must be an array"));
  const std::vector<Json>& items = messages->elements;
  if (items.empty()) return one(invalid_message("messages must not be empty"));
  if (settings.max_batch_items && items.size() > settings.max_batch_items)
    return one(Problem{"batch_too_large",
                       "A batch may hold " + std::to_string(settings.max_batch_items) + " messages at most",
                       std::nullopt, settings.max_batch_items});
  if (std::any_of(items.begin(), items.end(), is_batch)) return one(invalid_message("A batch cannot hold a batch"));
  std::vector<Command> out;
  out.reserve(items.size());
  for (const Json& item : items) out.push_back(read_command(item, fixed, settings));
  return out;
}

// One as it is, several as an array.
std::string devices_json(const Values& devices) {
  if (devices.size() == 1) return devices.front();
  std::string out = "[";
  for (const std::string& device : devices) out.append(out.size() > 1 ? "," : "").append(device);
  return out + "]";
}

}  // namespace

std::vector<Command> parse_frame(std::string_view text, std::optional<Channel> fixed, const Settings& settings) {
  const std::size_t most = settings.max_message_bytes;
  const std::size_t most_batch = (settings.max_batch_items + 1) * most;
  const std::size_t most_frame =
      settings.max_batch_items ? std::max(most_batch, limit_of("auth", settings)) : text.size();
  if (most && text.size() > most_frame) return one(message_too_large(most));
  const auto message = parse_json(text);
  if (!message) {
    if (most && text.size() > most) return one(message_too_large(most));
    return one(Problem{"invalid_json", "Invalid JSON format"});
  }
  if (!is_batch(*message)) {
    // Blanks around the object count as well.
    const Json* type = message->find("type", Kind::string);
    const std::size_t limit = limit_of(type ? std::string_view(type->text) : std::string_view(), settings);
    if (most && text.size() > limit) return one(message_too_large(limit));
    return one(read_command(*message, fixed, settings));
  }
  if (most && settings.max_batch_items && text.size() > most_batch) return one(message_too_large(most_batch));
  return read_batch(*message, fixed, settings);
}

std::string auth_succeeded() {
  return R"({"type":"auth_response","success":true,"message":"Authentication successful"})";
}

std::string auth_failed(std::string_view code, std::string_view text) {
  return R"({"type":"auth_response","success":false,"error":)" + quote(code) + R"(,"message":)" + quote(text) + "}";
}

std::string pong(std::string_view timestamp, const std::optional<std::string>& client_timestamp) {
  std::string out = R"({"type":"pong","timestamp":)" + quote(timestamp);
  if (client_timestamp) out += R"(,"client_timestamp":)" + quote(*client_timestamp);
  return out + "}";
}

std::string error(const Problem& problem, bool legacy) {
  if (legacy) return R"({"error":)" + quote(problem.text) + "}";
  std::string out = R"({"type":"error","error":)" + quote(problem.code) + R"(,"message":)" + quote(problem.text);
  if (problem.channel) out += R"(,"channel":)" + quote(*problem.channel);
  if (problem.limit) out += R"(,"limit":)" + std::to_string(*problem.limit);
  return out + "}";
}

std::string confirmation(bool subscribed, Channel channel, const Values& devices) {
  std::string out = subscribed ? R"({"type":"subscription_confirmed","channel":)"
                               : R"({"type":"unsubscription_confirmed","channel":)";
  out += quote(name_of(channel));
  if (!devices.empty()) out += R"(,"device_id":)" + devices_json(devices);
  return out + "}";
}

std::string heartbeat(std::string_view timestamp) {
  return R"({"type":"heartbeat","timestamp":)" + quote(timestamp) + R"(,"status":"alive"})";
}

Problem not_authenticated() {
  return {"not_authenticated", "Authenticate first"};
}
Problem forbidden(Channel channel) {
  const std::string name(name_of(channel));
  return {"forbidden", "The token does not permit the channel " + name, name};
}
Problem not_subscribed(Channel channel) {
  const std::string name(name_of(channel));
  return {"not_subscribed", "Not subscribed to " + name, name};
}
Problem too_many_subscriptions(std::size_t limit) {
  return {"too_many_subscriptions", "Too many subscriptions", std::nullopt, limit};
}
Problem rate_limit_exceeded(std::size_t limit) {
  return {"rate_limit_exceeded", "Too many messages per second", std::nullopt, limit};
}
Problem unsupported_data() {
  return {"unsupported_data", "Binary messages are not supported"};
}

}  // namespace valtronics
