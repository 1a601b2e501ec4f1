// SPDX-License-Identifier: Apache-2.0
#include "protocol.hpp"

#include <random>

#include "common/json_string.hpp"
#include "common/json_text.hpp"

namespace kazoo {
namespace {

using dialects::Json;
using dialects::quote;
using Kind = Json::Kind;

// Null is as good as absent.
const Json* given(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && !found->is(Kind::null) ? found : nullptr;
}

std::optional<std::string> text_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name, Kind::string);
  return found && !found->text.empty() ? std::optional(found->text) : std::nullopt;
}

std::optional<std::string> raw_of(const Json& object, std::string_view name) {
  const Json* found = given(object, name);
  return found ? std::optional(std::string(found->raw)) : std::nullopt;
}

void read_data(const Json& data, const Settings& settings, ClientMessage& out) {
  out.account_id = text_of(data, "account_id");
  if (const auto binding = text_of(data, "binding")) {
    out.bindings.push_back(*binding);
  } else if (const Json* several = data.find("bindings", Kind::array); several && settings.accept_bindings_array) {
    for (const Json& one : several->elements) {
      if (!one.is(Kind::string)) {
        out.bindings.clear();
        break;
      }
      out.bindings.push_back(one.text);
    }
  }
  out.name = raw_of(data, "name");
  out.metadata = raw_of(data, "metadata");
  out.endpoint = text_of(data, "endpoint");
  out.verb = text_of(data, "verb");
  out.body = raw_of(data, "body");
}

}  // namespace

std::string make_request_id() {
  static thread_local std::mt19937_64 random(std::random_device{}());
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int half = 0; half < 2; ++half)
    for (std::uint64_t bits = random(), i = 0; i < 16; ++i, bits >>= 4) out += digits[bits & 15];
  return out;
}

std::optional<ClientMessage> parse_message(std::string_view text, const Settings& settings) {
  const auto message = dialects::parse_json(text);
  if (!message || !message->is(Kind::object)) return std::nullopt;
  ClientMessage out;
  if (auto action = text_of(*message, "action")) out.action = std::move(*action);
  out.request_id = text_of(*message, "request_id").value_or(std::string());
  if (out.request_id.empty()) out.request_id = make_request_id();
  out.token = text_of(*message, "auth_token");
  if (const Json* token = given(*message, "auth_token")) out.token_malformed = !token->is(Kind::string);
  if (const Json* data = message->find("data", Kind::object)) {
    out.has_data = true;
    read_data(*data, settings, out);
  }
  if (auto name = raw_of(*message, "name")) out.name = std::move(name);
  if (auto metadata = raw_of(*message, "metadata")) out.metadata = std::move(metadata);
  return out;
}

std::string success_reply(std::string_view request_id, std::string_view data) {
  return R"({"action":"reply","request_id":)" + quote(request_id) + R"(,"status":"success","data":)" +
         std::string(data) + "}";
}

std::string error_reply(std::string_view request_id, std::string_view text) {
  return R"({"action":"reply","request_id":)" + quote(request_id) + R"(,"status":"error","data":{"errors":[)" +
         quote(text) + "]}}";
}

std::string string_array(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out.append(out.size() > 1 ? "," : "").append(quote(text));
  return out + "]";
}

std::string pong_data() {
  return R"({"response":"pong"})";
}

std::string subscribed_data(const std::vector<std::string>& subscribed) {
  return R"({"subscribed":)" + string_array(subscribed) + "}";
}

std::string unsubscribed_data(const std::vector<std::string>& unsubscribed,
                              const std::vector<std::string>& subscribed) {
  return R"({"unsubscribed":)" + string_array(unsubscribed) + R"(,"subscribed":)" + string_array(subscribed) + "}";
}

}  // namespace kazoo
