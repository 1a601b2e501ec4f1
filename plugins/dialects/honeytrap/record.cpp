// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "common/json_check.hpp"
#include "common/json_string.hpp"
#include "common/rfc3339.hpp"
#include "common/utf8.hpp"
#include "json_text.hpp"

namespace honeytrap {

using dialects::append_json_string;
using dialects::read_string;

namespace {

enum Key : std::size_t {
  type,
  sensor,
  date,
  started,
  ended,
  token,
  location,
  category,
  host_addr,
  local_addr,
  data,
  details,
  session_id,
  container_id,
  key_count
};

struct Names {
  std::string_view document, source;
};
constexpr std::array<Names, key_count> names = {{{"type", "event_type"},
                                                 {"sensor", "sensor"},
                                                 {"date", "date"},
                                                 {"started", "started"},
                                                 {"ended", "ended"},
                                                 {"token", "token"},
                                                 {"location", "location"},
                                                 {"category", "category"},
                                                 {"hostAddr", "host_addr"},
                                                 {"localAddr", "local_addr"},
                                                 {"data", "data"},
                                                 {"details", "details"},
                                                 {"session_id", "session_id"},
                                                 {"container_id", "container_id"}}};
constexpr std::array<Key, key_count> source_order = {sensor,   date,     started,    ended,       token,
                                                     location, category, host_addr,  local_addr,  type,
                                                     data,     details,  session_id, container_id};

struct Parts {
  std::array<std::string_view, key_count> known{};  // JSON; empty when absent
  std::vector<Member> others;
};

std::optional<Parts> take_apart(std::string_view object) {
  auto members = read_members(object);
  if (!members) return std::nullopt;
  Parts parts;
  for (Member& member : *members) {
    std::size_t key = 0;
    while (key < key_count && member.key != names[key].document && member.key != names[key].source) ++key;
    if (key == key_count) {
      parts.others.push_back(std::move(member));
    } else if (parts.known[key].empty() || member.key == names[key].document) {
      parts.known[key] = member.value;
    }
  }
  return parts;
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (out.back() != '{') out += ',';
  append_json_string(out, key);
  out += ':';
  out.append(value);
}

void append_others(std::string& out, const Parts& parts) {
  for (const Member& member : parts.others) append_member(out, member.key, member.value);
  out += '}';
}

bool blank(std::string_view value) {
  return value.empty() || value == "null" || value == R"("")";
}

std::string text_or_empty(std::string_view value) {
  return read_string(value).value_or(std::string());
}

Kind read_kind(std::string_view value) {
  if (auto name = read_string(value)) return std::move(*name);
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || failure != std::errc() || end != value.data() + value.size()) return {};
  return number;
}

std::string source_address(const Parts& parts) {
  for (const Member& member : parts.others)
    if (member.key == "source-ip")
      if (std::string text = text_or_empty(member.value); is_ip_address(text)) return text;
  return std::string(split_address(text_or_empty(parts.known[host_addr])).host);
}

// `object` is compact and checked.
std::optional<Record> make_record(std::string_view object, const Ingest& how, std::string& error) {
  auto parts = take_apart(object);
  if (!parts) {
    error = "an event is not a JSON object";
    return std::nullopt;
  }
  for (const Key key : {token, location, session_id, container_id})
    if (blank(parts->known[key])) parts->known[key] = {};
  std::string arrival;
  if (blank(parts->known[date])) {
    append_json_string(arrival, dialects::format_rfc3339(how.now_ms, dialects::Fraction::always));
    parts->known[date] = arrival;
  }
  Record record;
  record.json.reserve(object.size() + 48);
  record.json += '{';
  for (std::size_t key = 0; key < key_count; ++key) append_member(record.json, names[key].document, parts->known[key]);
  append_others(record.json, *parts);
  record.kind = read_kind(parts->known[type]);
  record.sensor = text_or_empty(parts->known[sensor]);
  record.category = text_or_empty(parts->known[category]);
  record.time_ms = dialects::parse_rfc3339(text_or_empty(parts->known[date])).value_or(-1);
  if (record.time_ms < 0) record.time_ms = how.now_ms;
  record.event_class = how.classifier.classify(how.hint, record.kind, record.sensor);
  record.source_ip = source_address(*parts);
  return record;
}

// Checked, repaired and without blanks.
std::optional<std::string> prepare(std::string_view text, std::size_t depth, bool lenient, std::string& error) {
  std::string valid;
  dialects::append_valid_utf8(valid, text);
  if (const auto failure = dialects::check_json(valid, lenient, depth)) {
    error = "the text is not valid JSON: " + *failure;
    return std::nullopt;
  }
  std::string compact;
  append_compact(compact, valid);
  return compact;
}

}  // namespace

std::optional<Record> normalise(std::string_view text, const Ingest& how, std::string& error) {
  if (text.size() > largest_event) {
    error = "the event is larger than 1 MiB";
    return std::nullopt;
  }
  const auto compact = prepare(text, dialects::deepest_json, how.lenient, error);
  return compact ? make_record(*compact, how, error) : std::nullopt;
}

std::optional<std::vector<Record>> normalise_batch(std::string_view text, const Ingest& how, std::string& error) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_array = first != text.npos && text[first] == '[';
  // Each event may be as deep alone as in an array.
  const auto compact = prepare(text, dialects::deepest_json + (is_array ? 1 : 0), how.lenient, error);
  if (!compact) return std::nullopt;
  std::vector<std::string_view> events{*compact};
  if (is_array) events = read_elements(*compact).value_or(std::vector<std::string_view>());
  if (events.size() > how.most) {
    error = "there are more than " + std::to_string(how.most) + " events in one array";
    return std::nullopt;
  }
  std::vector<Record> records;
  records.reserve(events.size());
  for (const std::string_view event : events) {
    if (event.size() > largest_event) {
      error = "an event is larger than 1 MiB";
      return std::nullopt;
    }
    auto record = make_record(event, how, error);
    if (!record) return std::nullopt;
    records.push_back(std::move(*record));
  }
  return records;
}

bool append_event(std::string& out, std::string_view stored, EventKeys keys) {
  if (keys == EventKeys::document) {
    if (stored.size() < 2 || stored.front() != '{' || stored.back() != '}') return false;
    out.append(stored);
    return true;
  }
  const auto text = to_source_keys(stored);
  if (text) out.append(*text);
  return text.has_value();
}

std::optional<std::string> to_source_keys(std::string_view stored) {
  const auto parts = take_apart(stored);
  if (!parts) return std::nullopt;
  std::string out = "{";
  out.reserve(stored.size() + 16);
  for (const Key key : source_order) append_member(out, names[key].source, parts->known[key]);
  append_others(out, *parts);
  return out;
}

bool is_ip_address(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return false;
  char terminated[INET6_ADDRSTRLEN] = {};
  std::copy(text.begin(), text.end(), terminated);
  unsigned char address[16];
  return inet_pton(AF_INET, terminated, address) == 1 || inet_pton(AF_INET6, terminated, address) == 1;
}

HostPort split_address(std::string_view text) {
  HostPort parts{text, {}};
  if (!is_ip_address(text)) {
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return {};
    parts = {text.substr(0, colon), text.substr(colon + 1)};
    if (parts.host.size() >= 2 && parts.host.front() == '[' && parts.host.back() == ']')
      parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  if (!is_ip_address(parts.host)) return {};
  unsigned port = 0;
  const char* const end = parts.port.data() + parts.port.size();
  const auto [stop, failure] = std::from_chars(parts.port.data(), end, port);
  // A port is written into JSON as it is, so it must not begin with a zero.
  if (failure != std::errc() || stop != end || port > 65535 || (parts.port.size() > 1 && parts.port.front() == '0'))
    parts.port = {};
  return parts;
}

}  // namespace honeytrap
