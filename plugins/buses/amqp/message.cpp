// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <charconv>
#include <dragoman/sdk/host.hpp>

#include "common/text.hpp"

namespace amqp {
namespace {

// Milliseconds beside the property, which has seconds only.
constexpr std::string_view time_header = "timestamp_in_ms";
constexpr std::int64_t time_limit_ms = 253'402'300'800'000;  // the year 10000

template <class Number>
std::string digits(Number number) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number);
  return error == std::errc() ? std::string(text, end) : std::string();
}

// Nothing: a table, an array, bytes or nothing at all.
std::optional<std::string> text_of(const amqp_field_value_t& value) {
  switch (value.kind) {
    case AMQP_FIELD_KIND_BOOLEAN:
      return value.value.boolean ? "true" : "false";
    case AMQP_FIELD_KIND_I8:
      return digits(value.value.i8);
    case AMQP_FIELD_KIND_U8:
      return digits(value.value.u8);
    case AMQP_FIELD_KIND_I16:
      return digits(value.value.i16);
    case AMQP_FIELD_KIND_U16:
      return digits(value.value.u16);
    case AMQP_FIELD_KIND_I32:
      return digits(value.value.i32);
    case AMQP_FIELD_KIND_U32:
      return digits(value.value.u32);
    case AMQP_FIELD_KIND_I64:
      return digits(value.value.i64);
    case AMQP_FIELD_KIND_U64:
    case AMQP_FIELD_KIND_TIMESTAMP:
      return digits(value.value.u64);
    case AMQP_FIELD_KIND_F32:
      return digits(value.value.f32);
    case AMQP_FIELD_KIND_F64:
      return digits(value.value.f64);
    case AMQP_FIELD_KIND_UTF8:
      return std::string(view(value.value.bytes));
    default:
      return std::nullopt;
  }
}

struct Named {
  const char* attribute;
  amqp_flags_t flag;
  amqp_bytes_t amqp_basic_properties_t::*member;
};
constexpr Named named[] = {
    {"amqp.correlation_id", AMQP_BASIC_CORRELATION_ID_FLAG, &amqp_basic_properties_t::correlation_id},
    {"amqp.reply_to", AMQP_BASIC_REPLY_TO_FLAG, &amqp_basic_properties_t::reply_to},
    {"amqp.app_id", AMQP_BASIC_APP_ID_FLAG, &amqp_basic_properties_t::app_id},
    {"amqp.type", AMQP_BASIC_TYPE_FLAG, &amqp_basic_properties_t::type}};

const Named* find_named(std::string_view attribute) {
  for (const Named& one : named)
    if (attribute == one.attribute) return &one;
  return nullptr;
}

void read_time(const amqp_basic_properties_t& properties, Incoming& into) {
  if (properties._flags & AMQP_BASIC_TIMESTAMP_FLAG &&
      properties.timestamp < static_cast<std::uint64_t>(time_limit_ms / 1000))
    into.time_ms = static_cast<std::int64_t>(properties.timestamp) * 1000;
}

amqp_table_entry_t entry(std::string_view name, std::string_view value) {
  amqp_table_entry_t out{};
  out.key = bytes(name);
  out.value.kind = AMQP_FIELD_KIND_UTF8;
  out.value.value.bytes = bytes(value);
  return out;
}

}  // namespace

void read_properties(const amqp_basic_properties_t& properties, Incoming& into) {
  const auto given = [&](amqp_flags_t flag) { return (properties._flags & flag) != 0; };
  if (given(AMQP_BASIC_MESSAGE_ID_FLAG)) {
    const std::string_view id = view(properties.message_id);
    if (buses::is_text(id)) into.id = id;
  }
  if (given(AMQP_BASIC_CONTENT_TYPE_FLAG)) into.content_type = view(properties.content_type);
  read_time(properties, into);
  for (const Named& one : named)
    if (given(one.flag)) into.add_attribute(one.attribute, std::string(view(properties.*one.member)));
  if (!given(AMQP_BASIC_HEADERS_FLAG)) return;
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    const amqp_table_entry_t& header = properties.headers.entries[i];
    if (view(header.key) == time_header && header.value.kind == AMQP_FIELD_KIND_I64) {
      if (header.value.value.i64 > 0 && header.value.value.i64 < time_limit_ms) into.time_ms = header.value.value.i64;
      continue;
    }
    const auto attribute = buses::lower(std::string(view(header.key)));
    // Only the properties have these names.
    if (find_named(attribute)) continue;
    if (auto text = text_of(header.value)) into.add_attribute(attribute, std::move(*text));
  }
}

std::optional<Outgoing> read_event(const dgm_event& event) {
  auto out = buses::outgoing(event, buses::key_limit);
  if (!out || out->channel.size() > short_limit || out->key.size() > short_limit || out->id.size() > short_limit ||
      out->content_type.size() > short_limit || !buses::is_text(out->channel) || !buses::is_utf8(out->key))
    return std::nullopt;
  for (const auto& [name, value] : out->attributes)
    if (name.size() > short_limit || (find_named(name) && value.size() > short_limit)) return std::nullopt;
  return out;
}

Properties::Properties(const Outgoing& message, bool persistent) {
  const auto set = [&](amqp_flags_t flag, amqp_bytes_t amqp_basic_properties_t::*member, std::string_view text) {
    if (text.empty()) return;
    properties_._flags |= flag;
    properties_.*member = bytes(text);
  };
  set(AMQP_BASIC_CONTENT_TYPE_FLAG, &amqp_basic_properties_t::content_type, message.content_type);
  set(AMQP_BASIC_MESSAGE_ID_FLAG, &amqp_basic_properties_t::message_id, message.id);
  properties_._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties_.delivery_mode = persistent ? 2 : 1;
  for (const auto& [name, value] : message.attributes) {
    if (const Named* const one = find_named(name))
      set(one->flag, one->member, value);
    else
      headers_.push_back(entry(name, value));
  }
  if (message.time_ms > 0) {
    properties_._flags |= AMQP_BASIC_TIMESTAMP_FLAG;
    properties_.timestamp = static_cast<std::uint64_t>(message.time_ms / 1000);
    amqp_table_entry_t precise = entry(time_header, {});
    precise.value.kind = AMQP_FIELD_KIND_I64;
    precise.value.value.i64 = message.time_ms;
    headers_.push_back(precise);
  }
  if (headers_.empty()) return;
  properties_._flags |= AMQP_BASIC_HEADERS_FLAG;
  properties_.headers = {static_cast<int>(headers_.size()), headers_.data()};
}

Table::Table(const Arguments& arguments) {
  for (const auto& [name, value] : arguments) {
    amqp_table_entry_t one = entry(name, {});
    if (const auto* text = std::get_if<std::string>(&value)) {
      one.value.value.bytes = bytes(*text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      one.value.kind = AMQP_FIELD_KIND_BOOLEAN;
      one.value.value.boolean = *flag;
    } else {
      one.value.kind = AMQP_FIELD_KIND_I64;
      one.value.value.i64 = std::get<std::int64_t>(value);
    }
    entries_.push_back(one);
  }
}

}  // namespace amqp
