// SPDX-License-Identifier: Apache-2.0
// Values keep their text; times and devices are made comparable.
#include "json_text.hpp"

#include <gtest/gtest.h>

#include "device.hpp"
#include "device_directory.hpp"
#include "timestamp.hpp"

namespace valtronics {
namespace {

TEST(ValtronicsJson, ValuesKeepTheirText) {
  const std::string text = R"( { "a" : 30.0 , "b":[1, 2e400 ,"x"], "\u0061":{"k" :null}, "t":true } )";
  const auto root = parse_json(text);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->members.size(), 4u);
  EXPECT_EQ(root->members[0].value.raw, "30.0");
  EXPECT_EQ(root->find("a")->raw, R"({"k" :null})") << "the last member of a name counts, decoded";
  EXPECT_EQ(root->find("b")->elements[1].raw, "2e400");
  EXPECT_EQ(root->find("b")->elements[2].text, "x");
  EXPECT_TRUE(root->find("t", Json::Kind::boolean));
  EXPECT_FALSE(root->find("t", Json::Kind::number));
  EXPECT_FALSE(root->find("c"));
  EXPECT_EQ(root->raw, text.substr(1, text.size() - 2));
  EXPECT_TRUE(parse_json("{}")->members.empty());
  EXPECT_TRUE(parse_json("[ ]")->elements.empty());
  EXPECT_EQ(parse_json(R"("\"}\\")")->text, "\"}\\");
}

TEST(ValtronicsJson, WhatIsNotJson) {
  for (const char* text : {"", " ", "{", "{}x", "[1,]", "\"\xff\"", "{\"a\"}", "nul", "1 2", "\xef\xbb\xbf{}"})
    EXPECT_FALSE(parse_json(text)) << text;
  EXPECT_FALSE(parse_json(std::string(40, '[') + std::string(40, ']')));
  EXPECT_TRUE(parse_json(std::string(30, '[') + std::string(30, ']')));
}

TEST(ValtronicsJson, TextIsCutAtACharacter) {
  EXPECT_EQ(shorten("a\xc2\xb0z", 9), "a\xc2\xb0z");
  EXPECT_EQ(shorten("a\xc2\xb0z", 3), "a\xc2\xb0");
  EXPECT_EQ(shorten("a\xc2\xb0z", 2), "a");
  EXPECT_EQ(shorten("\xc2\xb0", 1), "");
}

TEST(ValtronicsDevice, DigitsAreTheNumber) {
  EXPECT_EQ(device_of_text("7"), "7");
  EXPECT_EQ(device_of_text("007"), "7");
  EXPECT_EQ(device_of_text("TEMP-001"), R"("TEMP-001")");
  EXPECT_EQ(device_of_text("-1"), R"("-1")");
  EXPECT_EQ(device_of_text("99999999999999999999999"), R"("99999999999999999999999")");
  EXPECT_EQ(device_of_text(""), std::nullopt);
  EXPECT_EQ(device_of_text(std::string(257, 'x')), std::nullopt);
  for (const char* one : {"1", "1.0", "1e0", "\"1\"", "\"01\""})
    EXPECT_EQ(device_of_json(*parse_json(one)), "1") << one;
  for (const char* other : {"-1", "1.5", "1e300", "null", "true", "[1]", "{}", "\"\""})
    EXPECT_EQ(device_of_json(*parse_json(other)), std::nullopt) << other;
}

TEST(ValtronicsDevice, TableGoesBeforeDigits) {
  const DeviceTable table({{"TEMP-001", 1}, {"5", 6}});
  EXPECT_EQ(table.find("TEMP-001"), "1");
  EXPECT_EQ(table.find("5"), "6");
  EXPECT_EQ(table.find("7"), "7");
  EXPECT_EQ(table.find("x"), R"("x")");
}

TEST(ValtronicsDevice, TableLearns) {
  DeviceTable table({{"A", 1}});
  EXPECT_FALSE(table.has_number("B"));
  table.add(*parse_devices(R"([{"id":2,"device_id":"A"},{"id":3,"device_id":"B","name":"x"},{"id":-1,"device_id":"C"},
    {"id":4},7])"));
  EXPECT_EQ(table.find("A"), "1") << "what was configured stays";
  EXPECT_EQ(table.find("B"), "3");
  EXPECT_TRUE(table.has_number("B"));
  EXPECT_TRUE(table.has_number("12"));
  EXPECT_FALSE(table.has_number("C"));
  EXPECT_EQ(parse_devices(R"({"items":[{"id":5,"device_id":"D"}]})")->at("D"), 5u);
  for (const char* body : {"", "{}", "7", R"({"items":{}})"}) EXPECT_FALSE(parse_devices(body)) << body;
}

TEST(ValtronicsTime, BecomesUtc) {
  EXPECT_EQ(utc_time("2024-01-01T12:00:00Z"), "2024-01-01T12:00:00Z");
  EXPECT_EQ(utc_time("2024-01-01T12:00:00.123456"), "2024-01-01T12:00:00.123456Z");
  EXPECT_EQ(utc_time("2024-01-01 12:00:00"), "2024-01-01T12:00:00Z");
  EXPECT_EQ(utc_time("2024-01-01T01:30:00.5+02:00"), "2023-12-31T23:30:00.5Z");
  for (const char* text : {"", "now", "2024-02-30T00:00:00Z", "2024-01-01", "2024-01-01T25:00:00Z",
                           "2024-01-01T12:00:00.Z", "2024-01-01T12:00:00+2", "2024-01-01T12:00:00.12345678901Z",
                           "0000-01-01T00:00:00+23:59", "2024-01-01T12:00:00Zjunk"})
    EXPECT_EQ(utc_time(text), std::nullopt) << text;
}

}  // namespace
}  // namespace valtronics
