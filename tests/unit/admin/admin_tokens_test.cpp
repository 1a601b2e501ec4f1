// SPDX-License-Identifier: Apache-2.0
#include "admin_support.hpp"

namespace dragoman::admin {
namespace {

struct Outcome {
  service::AuthStatus status;
  service::IdentityPtr identity;
};

Outcome present(service::Authenticator& authenticator, const char* token) {
  Outcome out{service::AuthStatus::unavailable, nullptr};
  authenticator.authenticate(token, [&](service::AuthStatus status, service::IdentityPtr identity, std::string_view) {
    out = {status, identity};
  });
  return out;
}

TEST_F(AdminApiTest, PutsATokenAndRevokesIt) {
  EXPECT_EQ(text("POST", "/authenticators/tokens/tokens",
                 R"({"token":"hush-1","id":"alice","grants":["a"],"expires":"2999-01-01T00:00:00Z"})"),
            R"(200 {"id":"alice","expires":"2999-01-01T00:00:00Z"})");
  const auto known = present(backend.tokens, "hush-1");
  EXPECT_EQ(known.status, service::AuthStatus::accepted);
  ASSERT_TRUE(known.identity);
  EXPECT_EQ(known.identity->id, "alice");

  EXPECT_EQ(text("POST", "/authenticators/tokens/tokens", R"({"token":"hush-1"})"), R"(200 {"id":"","expires":null})");
  EXPECT_EQ(text("POST", "/authenticators/tokens/revoke", R"({"token":"hush-1"})"), R"(200 {"revoked":true})");
  EXPECT_EQ(present(backend.tokens, "hush-1").status, service::AuthStatus::denied);
  EXPECT_EQ(text("POST", "/authenticators/tokens/revoke", R"({"token":"hush-1"})"),
            R"(404 {"error":"authenticator \"tokens\" has no such token"})");
}

TEST_F(AdminApiTest, AnUnknownAuthenticator) {
  for (const char* action : {"tokens", "revoke"})
    EXPECT_EQ(text("POST", std::string("/authenticators/other/") + action, R"({"token":"t"})"),
              R"(404 {"error":"there is no static authenticator \"other\""})");
}

TEST_F(AdminApiTest, TokensComeAsJson) {
  for (const char* action : {"tokens", "revoke"}) {
    auto r = request("POST", std::string("/authenticators/tokens/") + action, R"({"token":"t"})");
    r.headers.back().second = "text/plain";
    EXPECT_EQ(answer(r).status, 415);
    EXPECT_EQ(answer(r).body, "{\"error\":\"Content-Type must be application/json\",\"header\":\"Content-Type\"}\n");
  }
  EXPECT_EQ(backend.tokens.size(), 0u);
}

TEST_F(AdminApiTest, NoAnswerHoldsAToken) {
  for (const char* body : {R"({"token":"hush-2"})", R"({"token":"hush-2","x":1})", R"({"token":"hush-2\n"})",
                           R"({"token":"hush-2")", R"({"token":"hush-2","expires_in":-1})"}) {
    for (const char* action : {"tokens", "revoke"})
      EXPECT_EQ(text("POST", std::string("/authenticators/tokens/") + action, body).find("hush"), std::string::npos)
          << body;
  }
}

}  // namespace
}  // namespace dragoman::admin
