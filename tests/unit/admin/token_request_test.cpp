// SPDX-License-Identifier: Apache-2.0
#include "admin/token_request.hpp"

#include <gmock/gmock.h>

#include "base/rfc3339.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::admin {
namespace {

constexpr std::int64_t now = 1700000000000;

std::string refusal(const std::string& body) {
  try {
    parse_token_request(body, now);
    return "taken";
  } catch (const event::Refusal& refusal) {
    return refusal.at + ": " + refusal.error;
  }
}

TEST(TokenRequest, TakesEveryMember) {
  const auto r = parse_token_request(
      R"({"token":"t","id":"i","user":"u","tenant":"te","account":"a","session":"s","grants":["x","#"],"claims":{"b":[1]},)"
      R"("expires":"2030-01-01T00:00:00Z"})",
      now);
  EXPECT_EQ(r.token, "t");
  const service::Identity expected{"i", "u",        "te",           "a",
                                   "s", {"x", "#"}, R"({"b":[1]})", *base::parse_rfc3339("2030-01-01T00:00:00Z")};
  EXPECT_EQ(r.identity, expected);
}

TEST(TokenRequest, NeedsTheTokenOnly) {
  const auto r = parse_token_request(R"({"token":"t"})", now);
  EXPECT_EQ(r.identity, service::Identity{});
  EXPECT_EQ(parse_token_request(R"({"token":"t","expires_in":60})", now).identity.expires_ms, now + 60000);
}

TEST(TokenRequest, Refusals) {
  const std::string seconds = "/expires_in: this must be a whole number of seconds from 1 to 3162240000";
  const std::pair<const char*, std::string> cases[] = {
      {"", ": the body is empty"},
      {"[]", ": the body is a JSON object, not an array"},
      {"{}", "/token: token is missing"},
      {R"({"token":""})", "/token: this must not be empty"},
      {R"({"token":"a\nb"})", "/token: control characters are not allowed here"},
      {R"({"token":7})", "/token: this must be a string, not a number"},
      {R"({"token":"t","token":"u"})", ": \"token\" is given twice"},
      {R"({"token":"t","acl":[]})",
       "/acl: a token has token, id, user, tenant, account, session, grants, claims, expires or expires_in, but no "
       "\"acl\""},
      {R"({"token":"t","user":null})", "/user: this must be a string, not null"},
      {R"({"token":"t","grants":"x"})", "/grants: this must be an array of strings, not a string"},
      {R"({"token":"t","grants":["x",1]})", "/grants/1: this must be a string, not a number"},
      {R"({"token":"t","grants":[""]})", "/grants/0: this must not be empty"},
      {R"({"token":"t","claims":[]})", "/claims: this must be an object, not an array"},
      {R"({"token":"t","expires":"tomorrow"})",
       "/expires: \"tomorrow\" is not a time of RFC 3339, such as 2024-05-31T17:31:00Z"},
      {R"({"token":"t","expires":"2001-01-01T00:00:00Z"})",
       "/expires: this time has passed; to end a token, revoke it"},
      {R"({"token":"t","expires_in":0})", seconds},
      {R"({"token":"t","expires_in":1.5})", seconds},
      {R"({"token":"t","expires_in":9999999999})", seconds},
      {R"({"token":"t","expires_in":60,"expires":"2030-01-01T00:00:00Z"})",
       "/expires: expires and expires_in exclude each other"},
  };
  for (const auto& [body, sentence] : cases) EXPECT_EQ(refusal(body), sentence) << body;
  EXPECT_EQ(refusal("{\"token\":\"" + std::string(4097, 'x') + "\"}"),
            "/token: this has 4097 bytes, at most 4096 are allowed");
}

TEST(TokenRequest, Revocation) {
  EXPECT_EQ(parse_revoke_request(R"({"token":"t"})"), "t");
  for (const char* body : {"", "[]", "{}", R"({"token":""})", R"({"token":1})", R"({"token":"t","id":"x"})"})
    EXPECT_THROW(parse_revoke_request(body), event::Refusal) << body;
}

}  // namespace
}  // namespace dragoman::admin
