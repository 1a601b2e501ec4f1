// SPDX-License-Identifier: Apache-2.0
#include "translation/document.hpp"

#include <gtest/gtest.h>

namespace dragoman::translation {
namespace {

Pointer pointer(std::string_view text) {
  std::string why;
  auto out = parse_pointer(text, why);
  EXPECT_TRUE(out) << why;
  return out.value_or(Pointer());
}

std::string at(std::string_view text, std::string_view where) {
  const auto document = Document::parse(text);
  if (!document) return "no JSON";
  const auto value = document->find(pointer(where));
  if (!value) return "nothing";
  std::string out;
  EXPECT_TRUE(document->write(*value, out, 1000));
  return out;
}

TEST(Document, ValuesAreFoundByPointer) {
  const std::string_view text =
      R"( {"a": {"b": [1, {"c": "x"}, []]}, "": 7, "m~n": 1, "a/b": 2, "a": {"b": [10, {"c": null}]}} )";
  EXPECT_EQ(at(text, "/a/b/0"), "10");  // of two members of a name the last one
  EXPECT_EQ(at(text, "/a/b/1/c"), "null");
  EXPECT_EQ(at(text, "/a/b"), R"([10,{"c":null}])");
  EXPECT_EQ(at(text, "/"), "7");
  EXPECT_EQ(at(text, "/m~0n"), "1");
  EXPECT_EQ(at(text, "/a~1b"), "2");
  EXPECT_EQ(at("[[],{},[1]]", ""), "[[],{},[1]]");
  EXPECT_EQ(at("[[],{},[1]]", "/2/0"), "1");
  for (const char* where : {"/x", "/a/b/2", "/a/b/-", "/a/b/00", "/a/b/0/x", "/a/b/99999999999999999999"})
    EXPECT_EQ(at(text, where), "nothing") << where;
}

TEST(Document, NumbersKeepTheirSpellingAndStringsTheirText) {
  EXPECT_EQ(at("[1.10, 1E+2, -0, 123456789012345678901234567890]", ""),
            "[1.10,1E+2,-0,123456789012345678901234567890]");
  EXPECT_EQ(at(R"(["\u00e9\n\"\\\u0001"])", "/0"), "\"é\\n\\\"\\\\\\u0001\"");
}

TEST(Document, WhatIsNoJsonIsRefused) {
  const std::string deep(Document::deepest + 1, '[');
  for (const std::string& text : {std::string(), std::string("{"), std::string("1 2"), std::string("\"\xff\""),
                                  std::string("nul"), deep + std::string(deep.size(), ']')})
    EXPECT_FALSE(Document::parse(text)) << text;
  EXPECT_TRUE(Document::parse(std::string(Document::deepest, '[') + std::string(Document::deepest, ']')));
}

TEST(Document, WritingStopsAtTheLimit) {
  const auto document = Document::parse("[\"" + std::string(100, 'x') + "\", 1, 2]");
  std::string out;
  EXPECT_FALSE(document->write(0, out, 50));
}

TEST(PointerSyntax, IsChecked) {
  std::string why;
  for (const char* text : {"a", "/a~", "/a~2"}) EXPECT_FALSE(parse_pointer(text, why)) << text;
  EXPECT_FALSE(parse_pointer(std::string(33, '/'), why));
  EXPECT_EQ(pointer("/a//b"), (Pointer{"a", "", "b"}));
}

}  // namespace
}  // namespace dragoman::translation
