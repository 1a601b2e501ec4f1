// SPDX-License-Identifier: Apache-2.0
// wazo digest 8.2, statements 30, 32 and 41.
#include "events.hpp"

#include <gtest/gtest.h>

namespace wazo {
namespace {

TEST(WazoEvents, NameAndAclComeFromTheBody) {
  const auto read = read_bus_event(R"({"required_acl": "a.b", "name": "foo", "data": {"name": "bar"}})");
  ASSERT_TRUE(read.event);
  EXPECT_EQ(read.event->name, "foo");
  EXPECT_EQ(read.event->required_acl, "a.b");
  EXPECT_EQ(read_bus_event(R"({"required_acl": null, "name": ""})").event->required_acl, std::nullopt);
}

TEST(WazoEvents, WhatIsNoEventIsToldFromWhatIsForNobody) {
  const auto nobody = read_bus_event(R"({"name": "foo"})");
  EXPECT_FALSE(nobody.event);
  EXPECT_EQ(nobody.why, Unfit::no_acl);
  for (const char* body :
       {"", "1", "[]", "null", "{", R"({"name": 1, "required_acl": null})", R"({"required_acl": null})",
        R"({"name": "x", "required_acl": 2})", R"({"name": "x", "required_acl": true})",
        "{\"name\": \"\xff\", \"required_acl\": null}", R"({"name": "x", "required_acl": null} x)"}) {
    const auto read = read_bus_event(body);
    EXPECT_FALSE(read.event) << body;
    EXPECT_EQ(read.why, Unfit::invalid) << body;
  }
}

TEST(WazoEvents, HeadersSayNameAndAcl) {
  const auto read = read_bus_event("foo", "a.b", R"({"name": "bar", "required_acl": "c"})");
  ASSERT_TRUE(read.event);
  EXPECT_EQ(read.event->name, "foo");
  EXPECT_EQ(read.event->required_acl, "a.b");
  EXPECT_EQ(read_bus_event(std::nullopt, "a", R"({"name": "bar"})").event->name, "");
  EXPECT_EQ(read_bus_event("foo", "", "{}").event->required_acl, "");
  // A header that is null.
  const auto open = read_bus_event("foo", std::nullopt, R"({"required_acl": null})");
  ASSERT_TRUE(open.event);
  EXPECT_EQ(open.event->required_acl, std::nullopt);
  for (const char* body : {"{}", R"({"required_acl": "a"})"})
    EXPECT_EQ(read_bus_event("foo", std::nullopt, body).why, Unfit::no_acl) << body;
  for (const char* body :
       {"", "[]", "1", "{", R"({"required_acl": 2})", R"({"required_acl": {}})", "{\"x\": \"\xff\"}"}) {
    EXPECT_FALSE(read_bus_event("foo", "2", body).event) << body;
    EXPECT_EQ(read_bus_event("foo", "2", body).why, Unfit::invalid) << body;
  }
}

}  // namespace
}  // namespace wazo
