// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace honeytrap {
namespace {

namespace json = boost::json;

std::string text(const json::object& o, const char* key) {
  return json::value_to<std::string>(o.at(key));
}

std::vector<std::string> texts(const json::object& o, const char* key) {
  return json::value_to<std::vector<std::string>>(o.at(key));
}

ClassifierRules parse_rules(const json::object& o) {
  ClassifierRules rules;
  rules.kinds = json::value_to<std::vector<std::int64_t>>(o.at("kinds"));
  rules.kind_names = texts(o, "kind_names");
  rules.kind_prefixes = texts(o, "kind_prefixes");
  rules.sensors = texts(o, "sensors");
  rules.sensor_suffixes = texts(o, "sensor_suffixes");
  return rules;
}

}  // namespace

Settings parse_settings(std::string_view given) {
  const json::object o = json::parse({given.data(), given.size()}).as_object();
  const auto is = [&](const char* key, const char* value) { return o.at(key).as_string() == value; };
  Settings s;
  s.dialect = is("dialect", "envelope") ? Language::envelope : Language::api;
  s.channel = text(o, "channel");
  s.frame = is("frame", "binary") ? Frame::binary : is("frame", "mirror") ? Frame::mirror : Frame::text;
  s.swap_new_codes = o.at("swap_new_codes").as_bool();
  s.error_payload = is("error_payload", "string") ? ErrorPayload::string : ErrorPayload::object;
  s.empty_payload = is("empty_payload", "null") ? EmptyPayload::null : EmptyPayload::array;
  s.event_keys = is("event_keys", "source") ? EventKeys::source : EventKeys::document;
  s.lenient_json = o.at("lenient_json").as_bool();
  s.events_include_sessions = o.at("events_include_sessions").as_bool();
  s.paging_keys = is("paging_keys", "both") ? PagingKeys::both : PagingKeys::document;
  s.reply_limit = o.at("reply_limit").to_number<std::uint64_t>();
  s.sessions = parse_rules(o.at("sessions").as_object());
  s.geoip_database = text(o, "geoip_database");
  s.ingest_token = text(o.at("ingest").as_object(), "token");
  const json::object& release = o.at("metadata").as_object();
  s.release = {text(release, "version"), text(release, "release_tag"), text(release, "commitid"),
               text(release, "shortcommitid")};
  return s;
}

}  // namespace honeytrap
