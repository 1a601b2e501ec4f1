// SPDX-License-Identifier: Apache-2.0
#include "cli/event_line.hpp"

#include <boost/json.hpp>

#include "cli/refusal.hpp"
#include "event/cloudevents.hpp"
#include "event/json_string.hpp"
#include "event/publish_door.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::cli {
namespace json = boost::json;

namespace {

const event::HeaderList plain_headers{{"Content-Type", "application/json"}};

void check_plain(std::string_view text) {
  const auto parsed = event::parse_publish(plain_headers, text);
  if (const auto* error = std::get_if<event::PublishError>(&parsed)) throw BadLine(refusal_sentence(error->body));
}

// CloudEvents are sent in an array, which is a level of its own.
event::PublishLimits cloud_event_limits() {
  event::PublishLimits limits;
  --limits.json_depth;
  return limits;
}

// The beginning of an object, with a new id.
std::string made_id() {
  return std::string("{\"id\":\"").append(event::make_event_id()).append("\",");
}

std::string with_id(std::string_view object) {
  const std::size_t brace = object.find('{');
  return made_id() + std::string(object.substr(brace + 1));
}

std::string quoted_json(std::string_view text) {
  std::string out;
  event::append_json_string(out, text);
  return out;
}

}  // namespace

EventLine read_event_line(std::uint64_t number, std::string_view text) {
  try {
    const event::Json document(text, {});
    if (!document.value().is_object())
      throw BadLine("an event is a JSON object, not " + std::string(event::kind_of(document.value())));
    const json::object& object = document.value().get_object();
    if (object.contains("specversion")) {
      const auto limits = cloud_event_limits();
      event::parse_structured_event(event::Json(text, limits).value(), text, limits);
      return {number, true, std::string(text)};
    }
    check_plain(text);
    return {number, false, object.contains("id") ? std::string(text) : with_id(text)};
  } catch (const event::Refusal& refusal) {
    throw BadLine(refusal_sentence(event::refusal_text(refusal)));
  }
}

BodyEnvelope::BodyEnvelope(const std::string& channel, const std::string& key,
                           const std::vector<std::pair<std::string, std::string>>& attributes) {
  json::object event{{"channel", channel}, {"key", key}};
  if (!attributes.empty()) {
    json::object& object = event["attributes"].emplace_object();
    for (const auto& [name, value] : attributes) object[name] = value;
  }
  head_ = json::serialize(event);
  head_.back() = ',';
  head_.erase(0, 1);
  check_plain("{" + head_ + "\"body\":\"\"}");
}

EventLine BodyEnvelope::event(std::uint64_t number, std::string_view text) const {
  try {
    const event::Json valid(text, {});
  } catch (const event::Refusal& refusal) {
    throw BadLine(refusal_sentence(event::refusal_text(refusal)));
  }
  // As a string the body arrives with exactly these bytes.
  return {number, false, made_id() + head_ + "\"body\":" + quoted_json(text) + "}"};
}

std::size_t next_request(const std::vector<EventLine>& events, std::size_t from, std::size_t most) {
  std::size_t n = 0;
  while (from + n < events.size() && n < most && events[from + n].cloud_event) ++n;
  return n || from >= events.size() ? n : 1;
}

std::string request_text(const std::vector<EventLine>& events, std::size_t from, std::size_t count) {
  if (!events[from].cloud_event) return events[from].text;
  std::string out;
  for (std::size_t i = from; i < from + count; ++i) out.append(i == from ? "[" : ",").append(events[i].text);
  return out += ']';
}

}  // namespace dragoman::cli
