// SPDX-License-Identifier: Apache-2.0
#include "admin_support.hpp"

namespace dragoman::admin {
namespace {

using bus::PublishStatus;

TEST_F(AdminApiTest, PublishesAndAnswersWithTheId) {
  EXPECT_EQ(text("POST", "/publish", R"({"channel":"xivo","key":"k","body":{"a":1},"id":"e1"})"), R"(200 {"id":"e1"})");
  const auto& batches = backend.buses["main"].batches;
  ASSERT_EQ(batches.size(), 1u);
  ASSERT_EQ(batches[0].size(), 1u);
  EXPECT_EQ(batches[0][0]->channel, "xivo");
  EXPECT_EQ(batches[0][0]->body, R"({"a":1})");
}

TEST_F(AdminApiTest, TheIdThatWasMadeIsTheEventsOwn) {
  const std::string answered = text("POST", "/publish", R"({"body":1})");
  EXPECT_EQ(answered, R"(200 {"id":")" + std::string(backend.buses["main"].batches.at(0).at(0)->id) + "\"}");
}

TEST_F(AdminApiTest, PublishesABatchAtOnce) {
  auto r = request(
      "POST", "/publish",
      R"([{"specversion":"1.0","id":"a","source":"s","type":"t"},{"specversion":"1.0","id":"b","source":"s","type":"t"}])");
  r.headers.back().second = "application/cloudevents-batch+json";
  EXPECT_EQ(answer(r).body, "{\"ids\":[\"a\",\"b\"]}\n");
  ASSERT_EQ(backend.buses["main"].batches.size(), 1u);
  EXPECT_EQ(backend.buses["main"].batches[0].size(), 2u);
  r.body = "[]";
  EXPECT_EQ(answer(r).body, "{\"ids\":[]}\n");
  EXPECT_EQ(backend.buses["main"].batches.size(), 1u);
}

TEST_F(AdminApiTest, ABadEventOfABatchPublishesNothing) {
  auto r = request("POST", "/publish",
                   R"([{"specversion":"1.0","id":"a","source":"s","type":"t"},{"specversion":"1.0","id":"b"}])");
  r.headers.back().second = "application/cloudevents-batch+json";
  const auto response = answer(r);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "{\"error\":\"this required attribute is missing\",\"path\":\"/source\",\"index\":1}\n");
  EXPECT_TRUE(backend.buses["main"].batches.empty());
}

TEST_F(AdminApiTest, FindsTheBus) {
  EXPECT_EQ(answer("POST", "/publish?bus=main", R"({"body":1})").status, 200);
  EXPECT_EQ(text("POST", "/publish?bus=other", R"({"body":1})"), R"(404 {"error":"there is no bus \"other\""})");
  for (const char* query : {"bus", "bus=", "bus=main&x=1", "buss=main", "x=1"})
    EXPECT_EQ(text("POST", std::string("/publish?") + query, R"({"body":1})"),
              R"(400 {"error":"the query is bus=NAME or empty"})");
  backend.buses["other"];
  EXPECT_EQ(text("POST", "/publish", R"({"body":1})"),
            R"(400 {"error":"there are several buses: say which one with ?bus=NAME"})");
  EXPECT_EQ(answer("POST", "/publish?bus=other", R"({"body":1})").status, 200);
  EXPECT_EQ(backend.buses["other"].batches.size(), 1u);
}

TEST_F(AdminApiTest, ABusyBusIsToldWithRetryAfter) {
  backend.buses["main"].status = PublishStatus::overloaded;
  auto response = answer("POST", "/publish", R"({"body":1})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "Retry-After"), "1");
  EXPECT_EQ(response.body, "{\"error\":\"the gateway is overloaded; nothing was published\"}\n");
  backend.buses["main"].status = PublishStatus::unavailable;
  response = answer("POST", "/publish", R"({"body":1})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "Retry-After"), "1");
  EXPECT_NE(response.body.find("the bus has no connection"), std::string::npos) << response.body;
}

TEST_F(AdminApiTest, WhatTheBusCannotCarryIsNotToBeTriedAgain) {
  backend.buses["main"].status = PublishStatus::impossible;
  const auto response = answer("POST", "/publish", R"({"body":1})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(header(response, "Retry-After"), "(none)");
}

TEST_F(AdminApiTest, AnswersWhenTheBusHasAnswered) {
  backend.buses["main"].status.reset();
  std::vector<int> answers;
  api.handle(request("POST", "/publish", R"({"body":1})"),
             [&](net::HttpResponse response) { answers.push_back(response.status); });
  EXPECT_TRUE(answers.empty());
  backend.buses["main"].waiting.at(0)(PublishStatus::accepted);
  EXPECT_EQ(answers, std::vector<int>{200});
}

}  // namespace
}  // namespace dragoman::admin
