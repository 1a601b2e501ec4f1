// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <boost/json.hpp>

namespace wazo {

Settings parse_settings(std::string_view json) {
  const boost::json::object o = boost::json::parse(json).as_object();
  Settings s;
  s.channel = boost::json::value_to<std::string>(o.at("channel"));
  const auto& reply = o.at("v1_reply").as_string();
  s.v1_reply = reply == "both" ? V1Reply::both : reply == "upstream" ? V1Reply::upstream : V1Reply::document;
  s.v1_strict = o.at("v1_strict").as_bool();
  s.tls_required = o.at("tls").as_string() == "required";
  s.auth_down_close = o.at("auth_down_close").to_number<std::uint16_t>();
  return s;
}

}  // namespace wazo
