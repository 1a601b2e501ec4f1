// SPDX-License-Identifier: Apache-2.0
#include "event_body.hpp"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "common/json_string.hpp"
#include "common/json_text.hpp"
#include "key_encoding.hpp"

namespace kazoo {
namespace {

using dialects::Json;
using dialects::quote;
using Kind = Json::Kind;

// Members that concern the platform's own routing.
constexpr std::string_view internal[] = {
    "Access-Group", "Defer-Response",  "Destination-Server", "Geo-Location",  "System-Log-ID",
    "Node",         "Server-Queue-ID", "Raw-Headers",        "Server-ID",     "Request-From-PID",
    "Reply-To-PID", "AMQP-Broker",     "AMQP-Broker-Zone",   "Deliver-To-PID"};

std::string normal_name(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return out;
}

void write(std::string& out, const Json& value, bool top) {
  if (value.is(Kind::array)) {
    out += '[';
    for (std::size_t i = 0; i < value.elements.size(); ++i) {
      if (i) out += ',';
      write(out, value.elements[i], false);
    }
    out += ']';
    return;
  }
  if (!value.is(Kind::object)) {
    out += value.raw;
    return;
  }
  // Of names that become equal the last member counts.
  std::vector<std::string> names(value.members.size());
  std::vector<bool> kept(names.size());
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = names.size(); i-- > 0;) {
    const Json::Member& member = value.members[i];
    if (top && std::find(std::begin(internal), std::end(internal), member.name) != std::end(internal)) continue;
    names[i] = normal_name(member.name);
    kept[i] = seen.insert(names[i]).second && !member.value.is(Kind::null);
  }
  out += '{';
  bool first = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!kept[i]) continue;
    if (!first) out += ',';
    first = false;
    out.append(quote(names[i])).append(":");
    write(out, value.members[i].value, false);
  }
  out += '}';
}

std::string text_member(const Json& object, std::string_view name) {
  const Json* found = object.find(name, Kind::string);
  return found ? found->text : std::string();
}

}  // namespace

std::optional<EventFacts> read_event(std::string_view text) {
  const auto body = dialects::parse_json(text);
  if (!body || !body->is(Kind::object)) return std::nullopt;
  EventFacts facts;
  if (const Json* channel = body->find("Custom-Channel-Vars", Kind::object))
    facts.account = text_member(*channel, "Account-ID");
  facts.message_account = text_member(*body, "Account-ID");
  facts.name = text_member(*body, "Event-Name");
  facts.call = encode_key(text_member(*body, "Call-ID"));
  facts.data.reserve(text.size());
  write(facts.data, *body, true);
  return facts;
}

std::string call_routing_key(const EventFacts& facts) {
  return "call." + facts.account + "." + facts.name + "." + facts.call;
}

std::string event_head(std::string_view subscribed_key, std::string_view subscription_key) {
  return R"({"action":"event","subscribed_key":)" + quote(subscribed_key) + R"(,"subscription_key":)" +
         quote(subscription_key);
}

std::string event_tail(const EventFacts& facts, std::string_view routing_key) {
  std::string out;
  out.reserve(facts.data.size() + routing_key.size() + 64);
  if (!facts.name.empty()) out.append(R"(,"name":)").append(quote(facts.name));
  return out.append(R"(,"routing_key":)")
      .append(quote(routing_key))
      .append(R"(,"data":)")
      .append(facts.data)
      .append("}");
}

}  // namespace kazoo
