// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "config/scalar.hpp"
#include "config/utf8_text.hpp"
#include "config/yaml_reader.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

std::string read(std::string_view yaml) {
  Locations locations;
  std::vector<Error> errors;
  const auto value = read_yaml(yaml, "f", locations, errors);
  if (!errors.empty()) return errors.front().text();
  return value ? json::serialize(*value) : "nothing";
}

TEST(Yaml, ScalarsHaveTheTypesOfTheCoreSchema) {
  EXPECT_EQ(read("[true, True, FALSE, null, ~, , 12, -3, +4, 0x1F, 0o17, 0]"),
            "[true,true,false,null,null,null,12,-3,4,31,15,0]");
  EXPECT_EQ(read("[no, yes, on, off, n, y, tRUE, nUll]"), R"(["no","yes","on","off","n","y","tRUE","nUll"])");
  EXPECT_EQ(read("['12', \"true\", 'null', '', !!str 12, !!str true]"), R"(["12","true","null","","12","true"])");
  EXPECT_EQ(read("[1_000, 12:30, 0x, 0o8, 0xg, 1.2.3, -, ., 1e, e5, 2026-01-01]"),
            R"(["1_000","12:30","0x","0o8","0xg","1.2.3","-",".","1e","e5","2026-01-01"])");
  EXPECT_EQ(resolve_scalar("1.5").value, json::value(1.5));
  EXPECT_EQ(resolve_scalar("-.5e1").value, json::value(-5.0));
  EXPECT_EQ(resolve_scalar("1.").value, json::value(1.0));
  EXPECT_EQ(resolve_scalar("9007199254740992").value, json::value(9007199254740992));
  EXPECT_EQ(resolve_scalar("-9007199254740992").value, json::value(-9007199254740992));
  for (const char* refused : {"9007199254740993", "-9007199254740993", "99999999999999999999999", "0x7fffffffffffffff",
                              "007", "-08", ".inf", "-.INF", ".nan", "1e999"})
    EXPECT_NE(resolve_scalar(refused).problem, "") << refused;
}

TEST(Yaml, BlocksAndFlows) {
  EXPECT_EQ(read("a: |\n  x\n  y\nb: >-\n  x\n  y\n"), R"({"a":"x\ny\n","b":"x y"})");
  EXPECT_EQ(read("a: |+\n  x\n\n"), R"({"a":"x\n\n"})");
  EXPECT_EQ(read("a: # nothing\nb: {}\nc: []\n"), R"({"a":null,"b":{},"c":[]})");
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a: 1\n"),
            R"({"a":1})");
  EXPECT_EQ(read("%YAML 1.2\n---\na: 1\n...\n"), R"({"a":1})");
  EXPECT_EQ(read(""), "null");
  EXPECT_EQ(read("a: 1\r\nb: 2\r\n"), R"({"a":1,"b":2})");
  EXPECT_EQ(read("a: gr\xc3\xbc\xc3\x9f"), "{\"a\":\"gr\xc3\xbc\xc3\x9f\"}");
}

TEST(Yaml, AliasesAreCopies) {
  EXPECT_EQ(read("a: &x {k: [1]}\nb: *x\nc: [*x, *x]\n"), R"({"a":{"k":[1]},"b":{"k":[1]},"c":[{"k":[1]},{"k":[1]}]})");
  EXPECT_EQ(read("a: &x 1\nb: *x\nc: &x 2\nd: *x\n"), R"({"a":1,"b":1,"c":2,"d":2})");
}

TEST(Yaml, EveryValueHasItsPlace) {
  Locations locations;
  std::vector<Error> errors;
  ASSERT_TRUE(read_yaml("a:\n  b: x\n  c:\n    - 1\n    - d.e: 2\n  f:\n", "f", locations, errors));
  const auto place = [&](const char* path) {
    const Location at = locations.value(path);
    return std::to_string(at.line) + ":" + std::to_string(at.column);
  };
  EXPECT_EQ(place("a"), "1:1");
  EXPECT_EQ(place("a.b"), "2:6");
  EXPECT_EQ(place("a.c"), "3:3");
  EXPECT_EQ(place("a.c[0]"), "4:7");
  EXPECT_EQ(place("a.c[1]"), "5:7");
  EXPECT_EQ(place("a.c[1][\"d.e\"]"), "5:12");
  EXPECT_EQ(place("a.c[1][\"d.e\"].not.written"), "5:12");
  EXPECT_EQ(place("a.c[1][\"x.y\"]"), "5:7");
  EXPECT_EQ(place("a.f"), "6:3");
  EXPECT_EQ(place("zzz"), "1:1");
  EXPECT_EQ(locations.key("a.b").column, 3u);
}

// Each of these is a way to make a reader slow or large.
TEST(Yaml, HostileTextsAreRefusedSoon) {
  const auto repeat = [](std::string_view part, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += part;
    return out;
  };
  const std::size_t size = 1 << 20;
  const std::string bomb_of_strings = "a: &a \"" + repeat("x", 100'000) + "\"\nb: [" + repeat("*a,", 3000) + "]\n";
  const std::string texts[] = {
      repeat("[", size),   repeat("{", size),    repeat("- ", size),      repeat("? ", size),
      repeat("a: ", size), repeat("{a: ", size), repeat("- 1\n", size),   repeat("&a ", size),
      repeat("!a ", size), repeat("\"", size),   repeat("--- a\n", size), repeat("a: b\n", size),
      repeat("*a ", size), repeat("[a,", size),  bomb_of_strings,         std::string(largest_file + 1, '#')};
  for (const std::string& text : texts) {
    const auto start = std::chrono::steady_clock::now();
    Locations locations;
    std::vector<Error> errors;
    read_yaml(text, "f", locations, errors);
    EXPECT_FALSE(errors.empty()) << text.substr(0, 20);
    EXPECT_LE(errors.size(), 201u);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << text.substr(0, 20);
  }
}

TEST(Yaml, TextIsUtf8WithoutControls) {
  for (const char* good :
       {"", "a\tb\r\n", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(check_text(good).message, "") << good;
  for (const char* bad : {"\x01", "\x7f", "\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xff\xfe"})
    EXPECT_NE(check_text(bad).message, "") << bad;
}

}  // namespace
}  // namespace dragoman::config
