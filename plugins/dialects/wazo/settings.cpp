// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace wazo {

Settings parse_settings(std::string_view json) {
  const boost::json::object o = boost::json::parse(json).as_object();
  Settings s;
  const auto text = [](const boost::json::object& from, const char* name) {
    const boost::json::value* value = from.if_contains(name);
    return value ? boost::json::value_to<std::string>(*value) : std::string();
  };
  s.mode = o.at("mode").as_string() == "headers" ? Mode::headers : Mode::topic;
  if (s.mode == Mode::headers) s.channel = "wazo-headers";
  if (o.contains("channel")) s.channel = text(o, "channel");
  s.origin_uuid = text(o, "origin_uuid");
  s.master_tenant = text(o, "master_tenant");
  if (const boost::json::value* login = o.if_contains("service_login")) {
    s.login.upstream = text(login->as_object(), "upstream");
    s.login.path = text(login->as_object(), "path");
  }
  const auto& reply = o.at("v1_reply").as_string();
  s.v1_reply = reply == "both" ? V1Reply::both : reply == "upstream" ? V1Reply::upstream : V1Reply::document;
  s.v1_strict = o.at("v1_strict").as_bool();
  s.tls_required = o.at("tls").as_string() == "required";
  s.auth_down_close = o.at("auth_down_close").to_number<std::uint16_t>();
  return s;
}

}  // namespace wazo
