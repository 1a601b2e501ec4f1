// SPDX-License-Identifier: Apache-2.0
#include "backend.hpp"

#include <cstdlib>
#include <map>

#include "common/json_string.hpp"
#include "common/utf8.hpp"
#include "metric_message.hpp"
#include "payload.hpp"
#include "timestamp.hpp"

namespace valtronics {

using dialects::quote;

namespace {

using Kind = Json::Kind;

constexpr std::size_t longest_name = 256;  // bytes of the names of metrics, states and the like

// 1970-01-01 to 9999-12-31 in seconds; what is beyond is taken as milliseconds.
constexpr double latest_second = 253'402'300'799.0;

std::optional<std::string> time_of(const Json& value) {
  if (value.is(Kind::string)) return utc_time(value.text);
  if (!value.is(Kind::number)) return std::nullopt;
  const double number = std::strtod(std::string(value.raw).c_str(), nullptr);
  if (!(number >= 0 && number <= latest_second * 1000)) return std::nullopt;
  return format_time(static_cast<std::int64_t>(number > latest_second ? number : number * 1000));
}

struct Measurement {
  std::string_view value, unit;  // JSON
  std::string time, unit_text;
};

// Numbers, text and truth values; anything else is no measurement.
std::optional<Measurement> read_measurement(const Json& object, std::string_view otherwise) {
  const Json* value = object.find("value");
  if (!value || value->is(Kind::null) || value->is(Kind::array) || value->is(Kind::object)) return std::nullopt;
  Measurement out{value->raw, "null", time_member(object, "timestamp", otherwise), {}};
  if (const Json* unit = object.find("unit", Kind::string)) out.unit_text = quote(unit->text);
  return out;
}

std::string measurement_json(const Measurement& m) {
  return std::string(R"({"value":)")
      .append(m.value)
      .append(R"(,"unit":)")
      .append(m.unit_text.empty() ? m.unit : m.unit_text)
      .append(R"(,"timestamp":)")
      .append(quote(m.time))
      .append("}");
}

bool name_fits(std::string_view name) {
  return !name.empty() && name.size() <= longest_name;
}

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

}  // namespace

std::string time_member(const Json& object, std::string_view name, std::string_view otherwise) {
  const Json* value = object.find(name);
  return (value ? time_of(*value) : std::nullopt).value_or(std::string(otherwise));
}

std::string text_member(const Json& object, std::string_view name) {
  const Json* value = object.find(name, Kind::string);
  return value ? value->text : std::string();
}

std::string_view object_member(const Json& object, std::string_view name) {
  const Json* value = object.find(name, Kind::object);
  return value ? value->raw : std::string_view("{}");
}

Backend::Backend(const Settings& settings, std::function<std::uint64_t()> connections)
    : settings_(settings),
      connections_(std::move(connections)),
      devices_(settings.devices),
      states_(settings.max_tracked_devices) {}

bool Backend::take(std::string_view key, std::string_view body, std::int64_t time_ms, std::vector<Made>& out) {
  auto topic = parse_topic(key);
  if (!topic || !dialects::valid_utf8(key)) return false;
  if (topic->kind == Topic::Kind::ignored) return true;
  auto root = parse_json(body);
  if (!root || !root->is(Kind::object)) return false;
  Payload p{std::move(*topic), body, std::move(*root), std::string(no_device), {}};
  p.time = time_member(p.root, "timestamp", "");
  if (p.time.empty()) p.time = format_time(time_ms);
  if (!p.topic.device.empty()) {
    auto device = devices_.find(p.topic.device);
    if (!device) return false;
    p.device = std::move(*device);
  } else if (const Json* id = p.root.find("device_id")) {
    p.device = (id->is(Kind::string) ? devices_.find(id->text) : device_of_json(*id)).value_or(std::string(no_device));
  }
  switch (p.topic.kind) {
    case Topic::Kind::telemetry:
      return telemetry(p, out);
    case Topic::Kind::status:
      return status(p, false, out);
    case Topic::Kind::heartbeat:
      return status(p, true, out);
    case Topic::Kind::alert:
    case Topic::Kind::system_alert:
      return alert(p, out);
    case Topic::Kind::system_metric:
      return system_metric(p, out);
    case Topic::Kind::system_status:
      return system_status(p, out);
    case Topic::Kind::message:
      return message(p, out);
    case Topic::Kind::ignored:
      break;
  }
  return true;
}

bool Backend::unknown_device(std::string_view key) const {
  const auto topic = parse_topic(key);
  return topic && !topic->device.empty() && !devices_.has_number(topic->device);
}

bool Backend::telemetry(const Payload& p, std::vector<Made>& out) {
  // Of several measurements of one metric the last counts.
  std::vector<std::pair<std::string, Measurement>> found;
  std::map<std::string, std::size_t> known;
  const auto add = [&](const std::string& name, const Json& object) {
    const auto measurement = name_fits(name) ? read_measurement(object, p.time) : std::nullopt;
    if (!measurement) return;
    const auto [at, fresh] = known.emplace(name, found.size());
    if (fresh)
      found.emplace_back(quote(name), *measurement);
    else
      found[at->second].second = *measurement;
  };
  if (!p.topic.detail.empty()) {
    add(p.topic.detail, p.root);
  } else if (const Json* metrics = p.root.find("metrics", Kind::array)) {
    for (const Json& metric : metrics->elements) add(text_member(metric, "name"), metric);
  } else {
    add(text_member(p.root, "name"), p.root);
  }
  if (found.empty() || found.size() > most_metrics) return false;
  MetricWriter writer(R"({"type":"telemetry_update","channel":"telemetry","device_id":)" + p.device +
                      R"(,"telemetry":{)");
  for (const auto& [name, measurement] : found) writer.add(name, measurement_json(measurement));
  writer.finish("}}");
  out.push_back({name_of(Channel::telemetry), p.device, writer.body(), {{places_attribute, writer.places()}}});
  if (settings_.dashboard_compat)
    for (const auto& [name, m] : found)
      out.push_back({dashboard_metrics, p.device,
                     std::string(R"({"type":"telemetry_update","device_id":)")
                         .append(p.device)
                         .append(R"(,"data":{"metric_name":)")
                         .append(name)
                         .append(R"(,"metric_value":)")
                         .append(m.value)
                         .append(R"(,"unit":)")
                         .append(m.unit_text.empty() ? m.unit : m.unit_text)
                         .append(R"(,"timestamp":)")
                         .append(quote(m.time))
                         .append(R"(},"timestamp":)")
                         .append(quote(p.time))
                         .append("}")});
  return true;
}

void Backend::seen(const std::string& device, const std::string& status, const std::string& time,
                   std::vector<Made>& out) {
  DeviceState& state = states_.touch(device);
  if (!status.empty()) state.status = status;
  state.last_seen = time;
  if (settings_.dashboard_compat)
    out.push_back(
        {dashboard_states, device, "", {{status_attribute, state.status}, {last_seen_attribute, state.last_seen}}});
}

bool Backend::status(const Payload& p, bool heartbeat, std::vector<Made>& out) {
  const std::string now = text_member(p.root, "status");
  if (now.empty() && !heartbeat) return false;
  if (now.size() > longest_name) return false;
  const DeviceState* known = states_.find(p.device);
  const DeviceState before = known ? *known : DeviceState();
  seen(p.device, now, p.time, out);
  if (now.empty() || now == before.status) return true;
  std::string metadata(object_member(p.root, "metadata"));
  const Json* given = p.root.find("metadata", Kind::object);
  if (!before.last_seen.empty() && !(given && given->find("last_seen"))) {
    metadata.pop_back();
    if (given && !given->members.empty()) metadata += ',';
    metadata += R"("last_seen":)" + quote(before.last_seen) + "}";
  }
  std::string body = R"({"type":"device_status_update","channel":"devices","device_id":)" + p.device +
                     R"(,"old_status":)" + quote(before.status.empty() ? "unknown" : before.status) +
                     R"(,"new_status":)" + quote(now) + R"(,"timestamp":)" + quote(p.time);
  if (const Json* reason = p.root.find("reason", Kind::string)) body += R"(,"reason":)" + quote(reason->text);
  body += R"(,"metadata":)" + metadata + "}";
  out.push_back({name_of(Channel::devices), p.device, std::move(body), {{status_attribute, now}}});
  if (settings_.dashboard_compat)
    out.push_back({dashboard_feed, p.device,
                   R"({"type":"device_update","device_id":)" + p.device + R"(,"updates":{"status":)" + quote(now) +
                       R"(,"last_seen":)" + quote(p.time) + R"(},"timestamp":)" + quote(p.time) + "}"});
  return true;
}

bool Backend::alert(const Payload& p, std::vector<Made>& out) {
  const std::string type = text_member(p.root, "type");
  std::string severity = text_member(p.root, "severity");
  if (severity.empty()) severity = p.topic.kind == Topic::Kind::system_alert ? p.topic.detail : "info";
  std::string title = text_member(p.root, "title");
  if (title.empty()) title = capital(severity + (type.empty() ? "" : " " + type) + " alert");
  const std::string message = text_member(p.root, "message");
  if ((message.empty() && type.empty()) || type.size() > longest_name || severity.size() > longest_name) return false;
  const Json* id = p.root.find("alert_id", Kind::number);
  const std::string number = id ? std::string(id->raw) : std::to_string(++alerts_);
  std::string members = R"("alert_id":)" + number + R"(,"device_id":)" + p.device + R"(,"severity":)" + quote(severity);
  if (!type.empty()) members += R"(,"alert_type":)" + quote(type);
  members += R"(,"title":)" + quote(title) + R"(,"message":)" + quote(message) + R"(,"timestamp":)" + quote(p.time);
  members.append(R"(,"metadata":)").append(object_member(p.root, "metadata"));
  out.push_back({name_of(Channel::alerts),
                 p.device,
                 R"({"type":"alert","channel":"alerts",)" + members + "}",
                 {{severity_attribute, small_letters(severity)}, {alert_type_attribute, type}}});
  if (settings_.dashboard_compat)
    out.push_back({dashboard_feed, p.device, R"({"type":"alert","alert":{)" + members + "}}"});
  return true;
}

bool Backend::system_metric(const Payload& p, std::vector<Made>& out) {
  const Json* value = p.root.find("value", Kind::number);
  if (!value || !name_fits(p.topic.detail)) return false;
  MetricWriter writer(R"({"type":"system_status_update","channel":"system","metrics":{)");
  writer.add(quote(p.topic.detail), value->raw);
  writer.finish(R"(},"timestamp":)" + quote(p.time) + "}");
  out.push_back(
      {name_of(Channel::system), std::string(no_device), writer.body(), {{places_attribute, writer.places()}}});
  return true;
}

bool Backend::system_status(const Payload& p, std::vector<Made>& out) {
  const Json* metrics = p.root.find("metrics", Kind::object);
  if (!metrics) return false;
  std::map<std::string, std::string_view> last;
  for (const auto& [name, value] : metrics->members)
    if (name_fits(name) && value.is(Kind::number)) last[name] = value.raw;
  const std::string connections = std::to_string(connections_());
  last.emplace("active_connections", connections);
  if (last.size() > most_metrics) return false;
  MetricWriter writer(R"({"type":"system_status_update","channel":"system","metrics":{)");
  for (const auto& [name, value] : last) writer.add(quote(name), value);
  writer.finish(R"(},"timestamp":)" + quote(p.time) + "}");
  out.push_back(
      {name_of(Channel::system), std::string(no_device), writer.body(), {{places_attribute, writer.places()}}});
  return true;
}

bool Backend::message(const Payload& p, std::vector<Made>& out) {
  const auto channel = channel_of(p.topic.detail, settings_.channel_aliases);
  if (!channel) return false;
  const std::string key = *channel == Channel::system ? std::string(no_device) : p.device;
  if (has_metrics(*channel)) {
    const Json* metrics = p.root.find(*channel == Channel::telemetry ? "telemetry" : "metrics", Kind::object);
    if (!metrics) return false;
    const auto at = static_cast<std::size_t>(metrics->raw.data() - p.body.data());
    std::vector<std::pair<std::string, std::string_view>> members;
    std::map<std::string_view, std::size_t> known;
    for (const auto& [name, value] : metrics->members) {
      const auto [place, fresh] = known.emplace(name, members.size());
      if (fresh)
        members.emplace_back(quote(name), value.raw);
      else
        members[place->second].second = value.raw;
    }
    if (members.empty() || members.size() > most_metrics) return false;
    MetricWriter writer(p.body.substr(0, at + 1));
    for (const auto& [name, value] : members) writer.add(name, value);
    writer.finish(p.body.substr(at + metrics->raw.size() - 1));
    out.push_back({name_of(*channel), key, writer.body(), {{places_attribute, writer.places()}}});
    return true;
  }
  Made made{name_of(*channel), key, std::string(p.body)};
  if (*channel == Channel::alerts) {
    made.attributes = {{severity_attribute, small_letters(text_member(p.root, "severity"))},
                       {alert_type_attribute, text_member(p.root, "alert_type")}};
  } else {
    made.attributes = {{status_attribute, text_member(p.root, "new_status")}};
  }
  for (const auto& attribute : made.attributes)
    if (attribute.second.size() > longest_name) return false;
  if (*channel == Channel::devices && p.device != no_device && !made.attributes[0].second.empty())
    seen(p.device, made.attributes[0].second, p.time, out);
  out.push_back(std::move(made));
  return true;
}

}  // namespace valtronics
