// SPDX-License-Identifier: Apache-2.0
// Honeytrap digest, the end of section 5; statement 31.
#include "classifier.hpp"

#include <gtest/gtest.h>

namespace honeytrap {
namespace {

bool session(const Kind& kind, std::string_view sensor = "ssh", const ClassifierRules& rules = {}) {
  return Classifier(rules).classify(std::nullopt, kind, sensor) == EventClass::session;
}

Kind number(std::int64_t value) {
  return value;
}
Kind name(const char* text) {
  return std::string(text);
}

TEST(HoneytrapClassifier, DefaultsOfTheDigest) {
  for (const int kind : {5, 6, 20, 21}) EXPECT_TRUE(session(number(kind))) << kind;
  for (const int kind : {0, 1, 3, 4, 7, 19, 22, 51, 52, -5}) EXPECT_FALSE(session(number(kind))) << kind;
  for (const char* kind : {"SESSION:USER:OPENED", "SESSION:", "CONNECTION:OPENED", "CONNECTION:CLOSED"})
    EXPECT_TRUE(session(name(kind))) << kind;
  for (const char* kind : {"", "PING", "SESSION", "session:x", "CONNECTION:OPENED:X", "CONNECTION:ERROR:READ", "5"})
    EXPECT_FALSE(session(name(kind))) << kind;
  for (const char* sensor : {"SESSIONS", "ssh_session", "_session"}) EXPECT_TRUE(session(number(1), sensor)) << sensor;
  for (const char* sensor : {"", "ping", "sessions", "ssh_sessions", "SESSIONS2"})
    EXPECT_FALSE(session(number(1), sensor)) << sensor;
  EXPECT_TRUE(session(Kind(), "SESSIONS"));
  EXPECT_FALSE(session(Kind(), ""));
}

TEST(HoneytrapClassifier, TheHintDecides) {
  EXPECT_EQ(Classifier().classify(EventClass::event, number(5), "SESSIONS"), EventClass::event);
  EXPECT_EQ(Classifier().classify(EventClass::session, number(3), "ping"), EventClass::session);
}

TEST(HoneytrapClassifier, RulesAreSettings) {
  const ClassifierRules rules{{3}, {"A"}, {"B:"}, {"s"}, {"-x"}};
  EXPECT_TRUE(session(number(3), "", rules));
  EXPECT_TRUE(session(name("A"), "", rules));
  EXPECT_TRUE(session(name("B:1"), "", rules));
  EXPECT_TRUE(session(number(1), "s", rules));
  EXPECT_TRUE(session(number(1), "a-x", rules));
  EXPECT_FALSE(session(number(5), "SESSIONS", rules));
  EXPECT_FALSE(session(number(5), "SESSIONS", {{}, {}, {}, {}, {}}));
}

}  // namespace
}  // namespace honeytrap
