// SPDX-License-Identifier: Apache-2.0
#include "scope.hpp"

#include <algorithm>

#include "common/json_text.hpp"

namespace wazo {

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

Scope scope_of(const sdk::Identity& identity) {
  using dialects::Json;
  Scope out{false, std::string(identity.tenant()), std::string(identity.user())};
  const auto metadata = dialects::parse_json(identity.claims());
  if (!metadata) return out;
  const Json* admin = metadata->find("admin", Json::Kind::boolean);
  const Json* purpose = metadata->find("purpose", Json::Kind::string);
  out.admin =
      (admin && admin->raw == "true") || (purpose && (purpose->text == "external_api" || purpose->text == "internal"));
  return out;
}

Addressees::Addressees(const sdk::Event& event, std::string_view master_tenant)
    : master_tenant_(master_tenant), tenant_(event.attribute(tenant_attribute).value_or("")) {
  for (std::size_t i = 0; i < event.c().attribute_count; ++i) {
    std::string_view name = sdk::view(event.c().attributes[i].name);
    if (!name.starts_with(user_attribute) || sdk::view(event.c().attributes[i].value) != "true") continue;
    name.remove_prefix(user_attribute.size());
    if (name == "*")
      all_users_ = true;
    else
      users_.push_back(name);
  }
}

bool Addressees::include(const Scope& scope) const {
  if (scope.tenant.empty()) return false;
  if (same(scope.tenant, master_tenant_)) return true;
  if (!same(scope.tenant, tenant_)) return false;
  if (scope.admin || all_users_) return true;
  return !scope.user.empty() &&
         std::any_of(users_.begin(), users_.end(), [&](std::string_view user) { return same(user, scope.user); });
}

}  // namespace wazo
