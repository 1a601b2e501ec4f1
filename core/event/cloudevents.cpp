// SPDX-License-Identifier: Apache-2.0
#include "event/cloudevents.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <boost/json.hpp>
#include <cstdint>
#include <limits>

#include "base/clock.hpp"
#include "event/json_span.hpp"

namespace dragoman::event {
namespace json = boost::json;

namespace {

// Where an attribute stands in the request.
using PlaceOf = Place (*)(std::string_view name);

Place in_json(std::string_view name) {
  return Place::member({}, name);
}

Place in_header(std::string_view name) {
  return name == "datacontenttype" ? Place("Content-Type") : Place::ce_header(name);
}

bool attribute_name(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

bool must_be_string(std::string_view name) {
  static constexpr std::string_view names[] = {"specversion",     "id",   "source",     "type",   "subject",
                                               "datacontenttype", "time", "dataschema", "channel"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// The context attributes of one event, before and after they are understood.
class Context {
 public:
  Context(PlaceOf place, const PublishLimits& limits) : place_(place), limits_(limits) {}

  void add(std::string name, std::string value) {
    const Place at = place_(name);
    if (!attribute_name(name)) refuse("the name of an attribute is made of a-z and 0-9 only", at);
    if (name.size() > limits_.name_bytes) refuse("the name of this attribute is too long", at);
    check_text(value, at);
    if (find(name)) refuse("this attribute is given twice", at);
    given_.push_back({std::move(name), std::move(value)});
  }

  // Views of the context.
  EventParts parts() {
    const std::string& version = required("specversion");
    if (version != "1.0")
      refuse(fmt::format("CloudEvents version {} is not spoken here, only \"1.0\"", quoted(version)),
             place_("specversion"));
    EventParts out;
    out.id = name_of("id");
    required("source");
    out.key = name_of("type");
    for (const auto& [name, value] : given_) {
      if (name == "specversion" || name == "id" || name == "type") continue;
      const Place at = place_(name);
      if (name == "channel") {
        if (!value.empty()) check_name(value, limits_.name_bytes, at);
        out.channel = value;
      } else if (name == "time") {
        out.time_ms = check_time(value, at);
      } else if (name == "datacontenttype") {
        check_name(value, limits_.name_bytes, at);
        out.content_type = value;
      } else {
        if (value.empty() && (name == "subject" || name == "dataschema")) refuse("this must not be empty", at);
        attributes_.push_back({name, value});
      }
    }
    if (!find("time")) out.time_ms = base::unix_ms();
    out.attributes = attributes_;
    check_attribute_count(out, limits_);
    return out;
  }

 private:
  struct Given {
    std::string name, value;
  };

  const std::string* find(std::string_view name) const {
    for (const Given& attribute : given_)
      if (attribute.name == name) return &attribute.value;
    return nullptr;
  }
  const std::string& required(std::string_view name) const {
    const std::string* value = find(name);
    if (!value) refuse("this required attribute is missing", place_(name));
    if (value->empty()) refuse("this must not be empty", place_(name));
    return *value;
  }
  const std::string& name_of(std::string_view name) const {
    const std::string& value = required(name);
    check_name(value, limits_.name_bytes, place_(name));
    return value;
  }

  PlaceOf place_;
  const PublishLimits& limits_;
  boost::container::small_vector<Given, 8> given_;
  boost::container::small_vector<Attribute, 8> attributes_;
};

// CloudEvents 1.0.2 section 3.1: the canonical strings of Boolean, Integer (32 bits) and String.
std::string attribute_value(std::string_view name, const json::value& value) {
  const Place at = in_json(name);
  if (value.is_string() || must_be_string(name)) return std::string(string_of(value, at));
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  if (value.is_int64()) {
    const std::int64_t number = value.get_int64();
    if (number < std::numeric_limits<std::int32_t>::min() || number > std::numeric_limits<std::int32_t>::max())
      refuse("an integer attribute has 32 bits; send a larger one as a string", at);
    return std::to_string(number);
  }
  if (value.is_uint64()) refuse("an integer attribute has 32 bits; send a larger one as a string", at);
  if (value.is_double()) refuse("a number with a fraction or exponent is no attribute; send it as a string", at);
  refuse(fmt::format("an attribute is a string, a boolean or an integer, not {}", kind_of(value)), at);
}

std::string decode_base64(std::string_view text) {
  const Place at = "/data_base64";
  static constexpr std::string_view sentence = "this is not base64 (RFC 4648 section 4, with padding)";
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  const bool alphabet = std::all_of(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
  if (text.size() % 4 || padding > 2 || !alphabet) refuse(std::string(sentence), at);
  std::string out(text.size() / 4 * 3, '\0');
  if (out.empty()) return out;
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length < 0) refuse(std::string(sentence), at);
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

// HTTP binding 1.0.2 section 3.1.3.2, decoding: a quoted string loses its quotes, then one round of percent-decoding.
std::string decode_header(std::string_view value, const Place& at) {
  std::string plain;
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      plain += value[i];
    }
    value = plain;
  }
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      out += value[i];
      continue;
    }
    if (i + 2 >= value.size() || digit(value[i + 1]) < 0 || digit(value[i + 2]) < 0)
      refuse("'%' must be followed by two hexadecimal digits; a percent sign itself is sent as %25", at);
    out += static_cast<char>(digit(value[i + 1]) * 16 + digit(value[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace

EventPtr parse_structured_event(const json::value& value, std::string_view text, const PublishLimits& limits) {
  if (!value.is_object()) refuse(fmt::format("a CloudEvent is a JSON object, not {}", kind_of(value)));
  Context context(in_json, limits);
  const Member* data = nullptr;
  const Member* base64 = nullptr;
  const auto all = members(value, text, limits.attributes + 16, {});
  for (const Member& member : all) {
    if (member.name == "data")
      data = &member;
    else if (member.name == "data_base64")
      base64 = &member;
    else if (!member.value->is_null())  // JSON format 2.2: null is an attribute that is not set
      context.add(std::string(member.name), attribute_value(member.name, *member.value));
  }
  if (data && base64) refuse("data and data_base64 exclude each other", "/data_base64");
  EventParts out = context.parts();
  std::string decoded;
  // JSON format 3.1.1: no datacontenttype means JSON.
  if (out.content_type.empty()) out.content_type = "application/json";
  if (base64) {
    out.body = decoded = decode_base64(string_of(*base64->value, "/data_base64"));
  } else if (data && is_json(out.content_type)) {
    out.body = data->text;
  } else if (data) {
    if (!data->value->is_string())
      refuse(fmt::format("data of type {} is a string or data_base64, not {}", quoted(out.content_type),
                         kind_of(*data->value)),
             "/data");
    out.body = string_of(*data->value, "/data");
  }
  return make_event(out);
}

Batch parse_event_batch(std::string_view body, const PublishLimits& limits) {
  const Json document(body, limits);
  if (!document.value().is_array())
    refuse(fmt::format("a batch is a JSON array of CloudEvents, not {}", kind_of(document.value())));
  const auto& values = document.value().get_array();
  if (values.size() > limits.events)
    throw Refusal{
        413, fmt::format("the batch has {} events, at most {} are allowed", values.size(), limits.events), {}};
  Batch out;
  out.reserve(values.size());
  JsonElements texts(document.text());
  for (const auto& value : values) {
    try {
      out.push_back(parse_structured_event(value, *texts.next(), limits));
    } catch (Refusal& refusal) {
      refusal.index = out.size();
      throw;
    }
  }
  return out;
}

EventPtr parse_binary_event(const HeaderList& headers, std::string_view content_type, std::string_view body,
                            const PublishLimits& limits) {
  Context context(in_header, limits);
  for (const auto& header : headers) {
    std::string name = header.first;
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (name.compare(0, 3, "ce-") != 0) continue;
    name.erase(0, 3);
    if (name == "datacontenttype") refuse("the type of the data is sent as Content-Type", "ce-datacontenttype");
    if (name == "data") refuse("the data is sent as the body of the request", "ce-data");
    context.add(name, decode_header(header.second, Place::ce_header(name)));
  }
  if (!content_type.empty()) context.add("datacontenttype", std::string(content_type));
  EventParts out = context.parts();
  // RFC 9110 section 8.3: what has no type is bytes.
  if (out.content_type.empty() && !body.empty()) out.content_type = "application/octet-stream";
  out.body = body;
  return make_event(out);
}

}  // namespace dragoman::event
