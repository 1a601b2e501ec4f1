// SPDX-License-Identifier: Apache-2.0
#include "permissions.hpp"

#include "json_text.hpp"

namespace valtronics {
namespace {

constexpr std::array<std::string_view, channels.size()> needed{"telemetry:read", "alert:read", "device:read",
                                                               "system:admin"};

}  // namespace

Rights read_rights(std::string_view claims, bool role_permissions) {
  using Kind = Json::Kind;
  const auto root = parse_json(claims).value_or(Json());
  Rights out;
  const Json* type = root.find("type", Kind::string);
  out.refresh_token = type && type->text == "refresh";
  if (const Json* permissions = root.find("permissions", Kind::array)) {
    for (const Json& permission : permissions->elements)
      for (std::size_t i = 0; i < needed.size(); ++i)
        if (permission.is(Kind::string) && permission.text == needed[i]) out.allowed.set(i);
    return out;
  }
  out.allowed.set();
  if (role_permissions) {
    // Who has no role that is known has the least one.
    const Json* role = root.find("role", Kind::string);
    out.allowed.set(index_of(Channel::system), role && role->text == "admin");
  }
  return out;
}

}  // namespace valtronics
