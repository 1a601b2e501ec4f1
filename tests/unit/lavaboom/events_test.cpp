// SPDX-License-Identifier: Apache-2.0
// Lavaboom digest section 6; the numbers are those of its section 9.
#include "events.hpp"

#include <gtest/gtest.h>

namespace lavaboom {
namespace {

using Texts = std::vector<std::string>;

// 28, 35.
TEST(LavaboomEvents, QueueMessages) {
  EXPECT_EQ(parse_queue_message("email_delivery", R"({"id":"e1","owner":"a1"})"),
            (UserEvent{EventKind::delivery, "e1", "a1", std::nullopt, std::nullopt, std::nullopt}));
  EXPECT_EQ(parse_queue_message("email_receipt",
                                R"({"id":"e2","owner":"a1","name":"Hi","thread":"t2","labels":["l1","l2"],"x":{}})"),
            (UserEvent{EventKind::receipt, "e2", "a1", "Hi", "t2", Texts{"l1", "l2"}}));
}

// 36.
TEST(LavaboomEvents, OptionalMembersOfOtherTypesAreAbsent) {
  EXPECT_EQ(parse_queue_message("email_receipt", R"({"id":"e","owner":"a","name":5,"thread":null,"labels":"l"})"),
            (UserEvent{EventKind::receipt, "e", "a", std::nullopt, std::nullopt, std::nullopt}));
  EXPECT_EQ(parse_queue_message("email_receipt", R"({"id":"e","owner":"a","name":"","labels":[1,"l",null]})"),
            (UserEvent{EventKind::receipt, "e", "a", "", std::nullopt, Texts{"l"}}));
}

TEST(LavaboomEvents, WhatIsNoEvent) {
  for (const char* body : {"", "[]", R"("e")", R"({"id":"e"})", R"({"owner":"a"})", R"({"id":"","owner":"a"})",
                           R"({"id":"e","owner":""})", R"({"id":1,"owner":"a"})", R"({"id":"e","owner":null})",
                           R"({"id":"e","owner":"a"} x)", "{\"id\":\"\xff\",\"owner\":\"a\"}"})
    EXPECT_FALSE(parse_queue_message("email_delivery", body)) << body;
  for (const char* key : {"", "email", "email_", "delivery", "Email_Delivery", "email_receipt2"})
    EXPECT_FALSE(parse_queue_message(key, R"({"id":"e1","owner":"a1"})")) << key;
}

TEST(LavaboomEvents, LookUpPaths) {
  EXPECT_EQ(email_path("rHYqWpLdDTBeLnyWFzHY"), "/emails/rHYqWpLdDTBeLnyWFzHY");
  EXPECT_EQ(email_path("../tokens?a\r\n"), "/emails/..%2Ftokens%3Fa%0D%0A");
  EXPECT_EQ(thread_path("a b"), "/threads/a%20b");
  EXPECT_FALSE(email_path(".."));
  EXPECT_FALSE(thread_path(""));
}

TEST(LavaboomEvents, LookUpAnswers) {
  const auto email = parse_email(R"({"success":true,"email":{"id":"e","name":"Hello","thread":"t"}})");
  ASSERT_TRUE(email);
  EXPECT_EQ(email->name, "Hello");
  EXPECT_EQ(email->thread, "t");
  EXPECT_EQ(parse_email(R"({"email":{"name":""}})")->thread, "");
  for (const char* body : {"", "{}", R"({"email":{}})", R"({"email":"e"})", R"({"email":{"name":1}})",
                           R"({"email":[{"name":"a"}]})", R"({"email":{"name":"a"})"})
    EXPECT_FALSE(parse_email(body)) << body;

  EXPECT_EQ(parse_thread_labels(R"({"success":true,"thread":{"id":"t","labels":["l1","l2"]}})"), (Texts{"l1", "l2"}));
  EXPECT_EQ(parse_thread_labels(R"({"thread":{"labels":null}})"), Texts());
  EXPECT_EQ(parse_thread_labels(R"({"thread":{}})"), Texts());
  for (const char* body : {"", "{}", R"({"thread":"t"})", R"({"labels":["l"]})"})
    EXPECT_FALSE(parse_thread_labels(body)) << body;
}

TEST(LavaboomEvents, TokenAnswers) {
  const auto token = parse_token(
      R"({"success":true,"token":{"id":"T","owner":"a1","type":"auth","expiry_date":"2015-03-01T10:00:00.5Z"}})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->owner, "a1");
  EXPECT_EQ(token->type, "auth");
  EXPECT_EQ(token->expires_ms, 1'425'204'000'500);
  EXPECT_EQ(parse_token(R"({"token":{"owner":"a"}})")->type, "");
  EXPECT_FALSE(parse_token(R"({"token":{"owner":"a","expiry_date":"soon"}})")->expires_ms);
  for (const char* body : {"", "null", "{}", R"({"token":{}})", R"({"token":{"owner":""}})", R"({"token":{"owner":1}})",
                           R"({"owner":"a"})"})
    EXPECT_FALSE(parse_token(body)) << body;
}

// 27.
TEST(LavaboomEvents, TokensMustBeOfTypeAuthAndUnexpired) {
  constexpr std::int64_t now = 1'000'000;
  Settings strict;
  const auto account = accept({"a1", "auth", now + 1}, now, strict);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->owner, "a1");
  EXPECT_EQ(account->until_ms, now + 1);
  EXPECT_FALSE(accept({"a1", "auth", now}, now, strict));
  EXPECT_FALSE(accept({"a1", "auth", std::nullopt}, now, strict));
  EXPECT_FALSE(accept({"a1", "invite", now + 1}, now, strict));
  EXPECT_FALSE(accept({"a1", "", now + 1}, now, strict));

  Settings any_type;
  any_type.require_auth_type = false;
  EXPECT_TRUE(accept({"a1", "invite", now + 1}, now, any_type));
  EXPECT_FALSE(accept({"a1", "invite", now}, now, any_type));

  Settings any_time;
  any_time.check_token_expiry = false;
  const auto late = accept({"a1", "auth", now - 1}, now, any_time);
  ASSERT_TRUE(late);
  EXPECT_FALSE(late->until_ms);
  EXPECT_FALSE(accept({"a1", "invite", now + 1}, now, any_time));
}

}  // namespace
}  // namespace lavaboom
