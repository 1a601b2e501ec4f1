// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/claims.hpp"

#include <gmock/gmock.h>

namespace dragoman::service::jwt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t now_s = 1'700'000'000, now_ms = now_s * 1000;

std::string at(std::int64_t seconds) {
  return std::to_string(now_s + seconds);
}

config::JwtConfig lax() {
  config::JwtConfig rules;
  rules.required.clear();
  return rules;
}

std::string judged(const config::JwtConfig& rules, const std::string& payload) {
  const Verdict verdict = judge_claims(rules, payload, now_ms);
  EXPECT_EQ(verdict.outcome == Outcome::accepted, verdict.identity != nullptr);
  return verdict.identity ? "accepted" : verdict.why;
}

Identity identity_of(const config::JwtConfig& rules, const std::string& payload) {
  const Verdict verdict = judge_claims(rules, payload, now_ms);
  EXPECT_EQ(verdict.why, "") << payload;
  return verdict.identity ? *verdict.identity : Identity();
}

TEST(JwtClaims, Expiry) {
  config::JwtConfig rules;
  EXPECT_EQ(judged(rules, R"({"exp":)" + at(1) + "}"), "accepted");
  EXPECT_EQ(judged(rules, R"({"exp":)" + at(0) + "}"), "Token has expired");
  EXPECT_EQ(judged(rules, R"({"exp":)" + at(0) + ".5}"), "accepted");
  EXPECT_EQ(judged(rules, R"({"exp":0})"), "Token has expired");
  EXPECT_EQ(judged(rules, R"({})"), "Claim exp is missing");
  EXPECT_EQ(judged(lax(), R"({})"), "accepted");
  EXPECT_EQ(identity_of(lax(), "{}").expires_ms, 0);
  EXPECT_EQ(identity_of(rules, R"({"exp":)" + at(7) + "}").expires_ms, now_ms + 7000);
  rules.leeway_ms = 5000;
  EXPECT_EQ(judged(rules, R"({"exp":)" + at(-4) + "}"), "accepted");
  EXPECT_EQ(judged(rules, R"({"exp":)" + at(-5) + "}"), "Token has expired");
  EXPECT_EQ(identity_of(rules, R"({"exp":)" + at(7) + "}").expires_ms, now_ms + 12'000) << "the leeway is in it";
}

TEST(JwtClaims, NotBefore) {
  config::JwtConfig rules = lax();
  EXPECT_EQ(judged(rules, R"({"nbf":)" + at(0) + "}"), "accepted");
  EXPECT_EQ(judged(rules, R"({"nbf":)" + at(1) + "}"), "Token is not valid yet");
  rules.leeway_ms = 5000;
  EXPECT_EQ(judged(rules, R"({"nbf":)" + at(5) + "}"), "accepted");
  EXPECT_EQ(judged(rules, R"({"nbf":)" + at(6) + "}"), "Token is not valid yet");
}

TEST(JwtClaims, TimesThatAreNone) {
  for (const char* name : {"exp", "nbf"})
    for (const char* value :
         {"\"1\"", "null", "true", "[]", "{}", "-1", "1e300", "253402300800", "18446744073709551615", "1e999", "NaN"})
      EXPECT_EQ(judged(lax(), R"({")" + std::string(name) + R"(":)" + value + "}"), "Token is malformed")
          << name << value;
}

TEST(JwtClaims, Issuer) {
  config::JwtConfig rules = lax();
  EXPECT_EQ(judged(rules, R"({"iss":"anyone"})"), "accepted");
  rules.issuers = {"https://a", "https://b"};
  EXPECT_EQ(judged(rules, R"({"iss":"https://b"})"), "accepted");
  for (const char* other : {"https://b/", "HTTPS://b", "", "https://c"})
    EXPECT_EQ(judged(rules, R"({"iss":")" + std::string(other) + R"("})"), "Token is from another issuer");
  EXPECT_EQ(judged(rules, "{}"), "Claim iss is missing");
  EXPECT_EQ(judged(rules, R"({"iss":null})"), "Claim iss is missing");
  EXPECT_EQ(judged(rules, R"({"iss":["https://b"]})"), "Token is malformed");
}

TEST(JwtClaims, Audience) {
  config::JwtConfig rules = lax();
  EXPECT_EQ(judged(rules, R"({"aud":"anything"})"), "accepted");
  rules.audiences = {"a", "b"};
  for (const char* aud : {R"("a")", R"(["x","b"])", R"(["a","b"])"})
    EXPECT_EQ(judged(rules, R"({"aud":)" + std::string(aud) + "}"), "accepted") << aud;
  for (const char* aud : {R"("x")", R"(["x","ab"])", "[]", R"("a b")"})
    EXPECT_EQ(judged(rules, R"({"aud":)" + std::string(aud) + "}"), "Token is for another audience") << aud;
  for (const char* aud : {"5", "{}", R"(["a",5])", R"([["a"]])"})
    EXPECT_EQ(judged(rules, R"({"aud":)" + std::string(aud) + "}"), "Token is malformed") << aud;
  EXPECT_EQ(judged(rules, "{}"), "Claim aud is missing");
}

TEST(JwtClaims, RequiredClaims) {
  config::JwtConfig rules;
  rules.required = {"sub", "https://x/y"};
  EXPECT_EQ(judged(rules, R"({"sub":"a","https://x/y":false})"), "accepted");
  EXPECT_EQ(judged(rules, R"({"sub":"a"})"), "Claim https://x/y is missing");
  EXPECT_EQ(judged(rules, R"({"sub":null,"https://x/y":0})"), "Claim sub is missing");
}

TEST(JwtClaims, PayloadsThatAreNone) {
  for (const char* payload : {"", "[]", "null", "1", "\"a\"", "{", "{} x", R"({"a":1,"a":2})", R"({"a":{"b":1,"b":1}})",
                              R"({"sub":"a","\u0073ub":"b"})", R"([{"a":1}])", "{\"a\":\"\xff\"}", "{'a':1}",
                              R"({"a":1,})", "{\"sub\":\"\\ud800\"}"})
    EXPECT_EQ(judged(lax(), payload), "Token is malformed") << payload;
}

TEST(JwtClaims, IdentityByPointers) {
  config::JwtConfig rules = lax();
  rules.identity.id = {"/jti", "/sub"};
  rules.identity.user = {"/user_id", "/sub", "/username"};
  rules.identity.tenant = {"/realm/name"};
  rules.identity.account = {"/a~1b/c~0d/1"};
  rules.identity.session = {"/sid"};
  rules.identity.grants = {"/permissions", "/scope"};
  const std::string payload =
      R"({ "sub":"alice","user_id":17,"realm":{"name":"t"},"a/b":{"c~d":["x","y"]},"permissions":["p.q","#"]})";
  const Identity all = identity_of(rules, payload);
  EXPECT_EQ(all.id, "alice");
  EXPECT_EQ(all.user, "17");
  EXPECT_EQ(all.tenant, "t");
  EXPECT_EQ(all.account, "y");
  EXPECT_EQ(all.session, "");
  EXPECT_THAT(all.grants, ElementsAre("p.q", "#"));
  EXPECT_EQ(all.claims, payload) << "byte for byte";

  EXPECT_EQ(identity_of(rules, R"({"user_id":"","sub":"b"})").user, "b") << "an empty text is none";
  EXPECT_EQ(identity_of(rules, R"({"user_id":null,"sub":true,"username":"c"})").user, "c");
  EXPECT_EQ(identity_of(rules, R"({"user_id":-9007199254740993})").user, "-9007199254740993");
  EXPECT_THAT(identity_of(rules, R"({"scope":" read  write "})").grants, ElementsAre("read", "write"));
  EXPECT_THAT(identity_of(rules, R"({"permissions":5,"scope":"x"})").grants, ElementsAre("x"));
  EXPECT_THAT(identity_of(rules, R"({"permissions":[],"scope":"x"})").grants, IsEmpty()) << "none is an answer";
  EXPECT_THAT(identity_of(rules, "{}").grants, IsEmpty());
}

TEST(JwtClaims, TheIdentityIsTheSubjectUnlessConfigured) {
  const Identity identity = identity_of(lax(), R"({"sub":"alice","tenant":"t","permissions":["#"]})");
  EXPECT_EQ(identity.id, "alice");
  EXPECT_EQ(identity.user, "alice");
  EXPECT_EQ(identity.tenant, "");
  EXPECT_THAT(identity.grants, IsEmpty());
}

TEST(JwtClaims, TextsThatNoIdentityMayHave) {
  config::JwtConfig rules = lax();
  rules.identity.grants = {"/g"};
  for (const char* payload : {R"({"sub":"a\nb"})", R"({"sub":"a\u0000b"})", R"({"g":["a",5]})", R"({"g":[""]})",
                              R"({"g":["a\u007f"]})", R"({"g":"a\tb"})"})
    EXPECT_EQ(judged(rules, payload), "Token is malformed") << payload;
  EXPECT_EQ(judged(rules, R"({"sub":")" + std::string(257, 'x') + R"("})"), "Token is malformed");
  EXPECT_EQ(judged(rules, R"({"sub":")" + std::string(256, 'x') + R"("})"), "accepted");
  EXPECT_EQ(judged(rules, R"({"g":")" + std::string(1025, 'x') + R"("})"), "Token is malformed");
}

}  // namespace
}  // namespace dragoman::service::jwt
