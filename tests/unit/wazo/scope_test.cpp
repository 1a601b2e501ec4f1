// SPDX-License-Identifier: Apache-2.0
// wazo digest 8.1.
#include "scope.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "master_tenant.hpp"

namespace wazo {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

bool includes(const Fields& attributes, const Scope& scope, std::string_view master = "") {
  std::vector<dgm_field> fields;
  for (const auto& [name, value] : attributes) fields.push_back({sdk::raw(name), sdk::raw(value)});
  dgm_event event{};
  event.attributes = fields.data();
  event.attribute_count = fields.size();
  return Addressees(sdk::Event(event), master).include(scope);
}

bool is_admin(const std::string& claims) {
  dgm_identity identity{};
  identity.claims = sdk::raw(claims);
  return scope_of(sdk::Identity(identity)).admin;
}

TEST(WazoScope, AdminsByTheirMetadata) {
  for (const char* claims : {R"({"admin": true})", R"({"purpose": "internal"})", R"({"purpose": "external_api"})",
                             R"({"admin": false, "purpose": "internal"})"})
    EXPECT_TRUE(is_admin(claims)) << claims;
  for (const char* claims : {"{}", "", "[]", "true", R"({"admin": "true"})", R"({"admin": 1})", R"({"admin": null})",
                             R"({"purpose": "user"})", R"({"purpose": true})", R"({"data": {"admin": true}})"})
    EXPECT_FALSE(is_admin(claims)) << claims;
}

TEST(WazoScope, TenantAndUserDecide) {
  const Scope user{false, "t", "u"}, admin{true, "t", "a"}, nobody{true, "", "u"}, unnamed{false, "t", ""};
  const Fields own = {{"tenant_uuid", "t"}, {"user_uuid:u", "true"}},
               all = {{"tenant_uuid", "t"}, {"user_uuid:*", "true"}};
  EXPECT_TRUE(includes(own, user));
  EXPECT_TRUE(includes(all, user));
  EXPECT_TRUE(includes(all, unnamed));
  EXPECT_TRUE(includes(own, admin));
  EXPECT_TRUE(includes({{"tenant_uuid", "t"}}, admin));
  EXPECT_TRUE(includes({{"tenant_uuid", "T"}, {"user_uuid:U", "true"}}, user));
  for (const Fields& not_his :
       {Fields{}, Fields{{"user_uuid:u", "true"}}, Fields{{"tenant_uuid", "t"}},
        Fields{{"tenant_uuid", "other"}, {"user_uuid:u", "true"}},
        Fields{{"tenant_uuid", "t"}, {"user_uuid:u", "false"}}, Fields{{"tenant_uuid", "t"}, {"user_uuid:", "true"}},
        Fields{{"tenant_uuid", "t"}, {"user_uuid:uu", "true"}, {"user_uuid", "true"}}})
    EXPECT_FALSE(includes(not_his, user));
  EXPECT_FALSE(includes({{"tenant_uuid", "t"}, {"user_uuid:", "true"}}, unnamed));
  EXPECT_FALSE(includes({{"tenant_uuid", ""}, {"user_uuid:*", "true"}}, nobody));
  EXPECT_FALSE(includes({}, nobody, ""));
}

TEST(WazoScope, TheMasterTenantHasAll) {
  const Scope root{false, "m", "r"};
  EXPECT_TRUE(includes({}, root, "m"));
  EXPECT_TRUE(includes({{"tenant_uuid", "t"}, {"user_uuid:u", "true"}}, root, "m"));
  EXPECT_FALSE(includes({{"tenant_uuid", "t"}, {"user_uuid:*", "true"}}, root, ""));
}

TEST(WazoScope, TheTenantOfALogin) {
  EXPECT_EQ(tenant_of_login(R"({"data": {"token": "x", "metadata": {"tenant_uuid": "m"}}})"), "m");
  for (const char* body : {"", "{}", "[]", R"({"data": {}})", R"({"data": {"metadata": {"tenant_uuid": 1}}})",
                           R"({"metadata": {"tenant_uuid": "m"}})"})
    EXPECT_EQ(tenant_of_login(body), "") << body;
}

}  // namespace
}  // namespace wazo
