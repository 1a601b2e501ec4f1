// SPDX-License-Identifier: Apache-2.0
#include "common/message.hpp"

#include <gmock/gmock.h>

namespace buses {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;
using testing::Pair;
using testing::SizeIs;

TEST(BusMessage, PropertiesBecomeAttributes) {
  Incoming message;
  message.add_property("X-Note", "first");
  message.add_property("x-note", "second");
  message.add_property("ID", "event-1");
  message.add_property("id", "event-2");
  message.add_property("", "v");
  message.add_property("control", "a\nb");
  message.add_property("ill\xff", "v");
  message.add_property("long", std::string(value_limit + 1, 'v'));
  EXPECT_EQ(message.id, "event-1");
  EXPECT_THAT(message.attributes, ElementsAre(Pair("x-note", "first")));
  for (int i = 0; i < 100; ++i) message.add_property("n" + std::to_string(i), "v");
  EXPECT_THAT(message.attributes, SizeIs(attribute_limit));
}

TEST(BusMessage, CompletedByItsLook) {
  Incoming message;
  message.body = " [1] ";
  message.complete();
  EXPECT_EQ(message.content_type, "application/json");
  EXPECT_THAT(message.id, MatchesRegex("[0-9a-f]{32}"));
  Incoming other;
  other.id = "mine";
  other.content_type = "text/plain";
  other.complete();
  EXPECT_EQ(other.id + other.content_type, "minetext/plain");
}

}  // namespace
}  // namespace buses
