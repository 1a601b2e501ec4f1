// SPDX-License-Identifier: Apache-2.0
#include "event/publish_door.hpp"

#include <fmt/format.h>

#include <boost/container/small_vector.hpp>
#include <optional>

#include "base/clock.hpp"
#include "event/cloudevents.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::event {
namespace {

constexpr std::string_view forms =
    "application/json, application/cloudevents+json or application/cloudevents-batch+json, or a CloudEvent in ce-* "
    "headers";

std::string_view content_type_of(const HeaderList& headers) {
  const std::string* found = nullptr;
  for (const auto& [name, value] : headers) {
    if (!equal_to_lower(name, "content-type")) continue;
    if (found) refuse("Content-Type is given twice", "Content-Type");
    found = &value;
  }
  return found ? std::string_view(*found) : std::string_view();
}

bool has_cloud_event_headers(const HeaderList& headers) {
  for (const auto& header : headers)
    if (equal_to_lower(std::string_view(header.first).substr(0, 3), "ce-")) return true;
  return false;
}

std::string_view plain_attribute(const Member& member, const Place& at) {
  if (member.value->is_string()) return string_of(*member.value, at);
  if (member.value->is_bool() || member.value->is_number()) return member.text;
  refuse(fmt::format("an attribute is a string, a number or a boolean, not {}", kind_of(*member.value)), at);
}

using Attributes = boost::container::small_vector<Attribute, 16>;

void read_attributes(Attributes& out, const Member& object, const PublishLimits& limits) {
  static constexpr std::string_view at = "/attributes";
  if (!object.value->is_object()) refuse(fmt::format("this must be an object, not {}", kind_of(*object.value)), at);
  for (const Member& member : members(*object.value, object.text, limits.attributes, at)) {
    const Place place = Place::member(at, member.name);
    check_name(member.name, limits.name_bytes, place);
    out.push_back({member.name, plain_attribute(member, place)});
  }
}

EventPtr parse_plain_event(std::string_view body, const PublishLimits& limits) {
  const Json document(body, limits);
  if (!document.value().is_object())
    refuse(fmt::format("a plain event is a JSON object, not {}", kind_of(document.value())));
  EventParts out;
  out.content_type = "application/json";
  out.time_ms = base::unix_ms();
  Attributes attributes;
  bool has_body = false;
  for (const Member& member : members(document.value(), document.text(), 16, {})) {
    const Place at = Place::member({}, member.name);
    if (member.name == "channel" || member.name == "key") {
      const std::string_view value = string_of(*member.value, at);
      if (!value.empty()) check_name(value, limits.name_bytes, at);
      (member.name == "key" ? out.key : out.channel) = value;
    } else if (member.name == "id" || member.name == "content_type") {
      const std::string_view value = string_of(*member.value, at);
      check_name(value, limits.name_bytes, at);
      (member.name == "id" ? out.id : out.content_type) = value;
    } else if (member.name == "time") {
      out.time_ms = check_time(string_of(*member.value, at), at);
    } else if (member.name == "attributes") {
      read_attributes(attributes, member, limits);
    } else if (member.name == "body") {
      has_body = true;
      out.body = member.value->is_string() ? string_of(*member.value, at) : member.text;
    } else {
      refuse(
          "a plain event has channel, key, attributes, body, id, time and content_type, but no " + quoted(member.name),
          at);
    }
  }
  if (!has_body) refuse("body is missing", "/body");
  std::optional<EventId> made;
  if (out.id.empty()) out.id = made.emplace(make_event_id());
  out.attributes = attributes;
  return make_event(out);
}

void check_encoding(const HeaderList& headers) {
  for (const auto& [name, value] : headers)
    if (equal_to_lower(name, "content-encoding") && !value.empty() && !equal_to_lower(value, "identity"))
      throw Refusal{415, fmt::format("the body is sent as it is, not in {}", quoted(value)), "Content-Encoding"};
}

PublishInput parse(const HeaderList& headers, std::string_view body, const PublishLimits& limits) {
  check_encoding(headers);
  const std::string_view content_type = content_type_of(headers);
  const MediaType type = parse_media_type(content_type);
  static constexpr std::string_view family = "application/cloudevents";
  const bool structured = type.is("application/cloudevents+json");
  const bool batch = type.is("application/cloudevents-batch+json");
  const bool other_format = !structured && !batch && equal_to_lower(type.name.substr(0, family.size()), family);
  const bool binary = !structured && !batch && !other_format && has_cloud_event_headers(headers);

  if (!binary && !structured && !batch && !type.is("application/json")) {
    const std::string what = content_type.empty() ? std::string("Content-Type is missing")
                                                  : "Content-Type " + quoted(content_type) + " is not understood";
    throw Refusal{415, fmt::format("{}; expected {}", what, forms), "Content-Type"};
  }
  if (!binary && !type.charset.empty() && !equal_to_lower(type.charset, "utf-8"))
    throw Refusal{415, fmt::format("JSON is sent in UTF-8, not in {}", quoted(type.charset)), "Content-Type"};

  PublishInput out;
  out.batch = batch;
  if (batch) {
    out.events = parse_event_batch(body, limits);
  } else if (structured) {
    const Json document(body, limits);
    out.events.push_back(parse_structured_event(document.value(), document.text(), limits));
  } else if (binary) {
    out.events.push_back(parse_binary_event(headers, content_type, body, limits));
  } else {
    out.events.push_back(parse_plain_event(body, limits));
  }
  return out;
}

}  // namespace

std::variant<PublishInput, PublishError> parse_publish(const HeaderList& headers, std::string_view body,
                                                       const PublishLimits& limits) {
  try {
    return parse(headers, body, limits);
  } catch (const Refusal& refusal) {
    return PublishError{refusal.status, refusal_text(refusal)};
  }
}

}  // namespace dragoman::event
