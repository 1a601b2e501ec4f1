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

}  // namespace
}  // namespace wazo
