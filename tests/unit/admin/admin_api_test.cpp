// SPDX-License-Identifier: Apache-2.0
#include "admin_support.hpp"

namespace dragoman::admin {
namespace {

TEST_F(AdminApiTest, HealthIsOpen) {
  for (const char* path : {"/healthz", "/readyz"}) {
    auto r = request("GET", path);
    r.headers.clear();
    EXPECT_EQ(answer(r).status, 200);
  }
  EXPECT_EQ(text("GET", "/healthz"), R"(200 {"status":"ok"})");
}

TEST_F(AdminApiTest, ReadinessSaysWhyNot) {
  EXPECT_EQ(text("GET", "/readyz"), R"(200 {"ready":true,"reasons":[]})");
  backend.state = {false, {"bus \"rabbit\" is not connected"}};
  EXPECT_EQ(text("GET", "/readyz"), R"(503 {"ready":false,"reasons":["bus \"rabbit\" is not connected"]})");
}

TEST_F(AdminApiTest, TheRestNeedsTheToken) {
  for (const char* path : {"/metrics", "/publish", "/reload", "/authenticators/tokens/tokens",
                           "/authenticators/tokens/revoke", "/", "/x"}) {
    auto r = request("POST", path);
    r.headers.clear();
    const auto missing = answer(r);
    EXPECT_EQ(missing.status, 401) << path;
    EXPECT_EQ(missing.body,
              "{\"error\":\"the admin token is missing: send the header \\\"Authorization: Bearer TOKEN\\\"\"}\n");
    EXPECT_EQ(header(missing, "WWW-Authenticate"), "Bearer realm=\"dragoman\"");

    r.headers = {{"authorization", "Bearer wrong"}};
    const auto wrong = answer(r);
    EXPECT_EQ(wrong.status, 401) << path;
    EXPECT_EQ(wrong.body, "{\"error\":\"this is not the admin token\"}\n");
    EXPECT_EQ(header(wrong, "WWW-Authenticate"), "Bearer realm=\"dragoman\", error=\"invalid_token\"");

    r.headers = {{"Authorization", "Bearer s3cret"}, {"Authorization", "Bearer s3cret"}};
    EXPECT_EQ(answer(r).status, 401) << path;
  }
  EXPECT_TRUE(backend.buses["main"].batches.empty());
}

TEST_F(AdminApiTest, ShowsMetrics) {
  const auto response = answer("GET", "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(response.body.find("dragoman_test{mount=\"wazo\"} 7"), std::string::npos) << response.body;
}

TEST_F(AdminApiTest, ReloadSaysWhatWasDone) {
  backend.reloaded.entries = {{"mount", "wazo", "kept", 3, {}}, {"bus", "main", "changed", 0, "why"}};
  EXPECT_EQ(text("POST", "/reload"), R"(200 {"changes":[{"kind":"mount","name":"wazo","change":"kept","sessions":3},)"
                                     R"({"kind":"bus","name":"main","change":"changed","note":"why"}]})");
  EXPECT_EQ(answer("GET", "/reload").status, 405);
}

TEST_F(AdminApiTest, ReloadSaysEverythingThatIsWrong) {
  backend.reloaded.errors = {"one", "two"};
  EXPECT_EQ(text("POST", "/reload"),
            R"(422 {"error":"the configuration is refused; nothing has changed","errors":["one","two"]})");
}

TEST_F(AdminApiTest, UnknownPaths) {
  for (const char* path :
       {"/", "/publish/", "/Publish", "/metrics/x", "/authenticators", "/authenticators/", "/authenticators/tokens",
        "/authenticators//tokens", "/authenticators/tokens/x", "/authenticators/tokens/tokens/x"})
    EXPECT_EQ(text("GET", path), R"(404 {"error":"there is nothing at this path"})") << path;
}

TEST_F(AdminApiTest, MethodsThatAPathDoesNotKnow) {
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    const auto response = answer("POST", path);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(header(response, "Allow"), "GET, HEAD");
    EXPECT_EQ(response.body, "{\"error\":\"this path knows GET and HEAD only\"}\n");
  }
  for (const char* path : {"/publish", "/authenticators/tokens/tokens", "/authenticators/tokens/revoke"}) {
    const auto response = answer("GET", path);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(header(response, "Allow"), "POST");
    EXPECT_EQ(response.body, "{\"error\":\"this path knows POST only\"}\n");
    EXPECT_TRUE(answer("HEAD", path).head_only);
  }
}

TEST_F(AdminApiTest, HeadIsGetWithoutTheBody) {
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    const auto get = answer("GET", path);
    const auto head = answer("HEAD", path);
    EXPECT_FALSE(get.head_only);
    EXPECT_TRUE(head.head_only);
    EXPECT_EQ(head.status, get.status);
    EXPECT_EQ(head.headers, get.headers);
    EXPECT_EQ(head.body, get.body);
  }
}

}  // namespace
}  // namespace dragoman::admin
