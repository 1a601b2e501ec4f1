// SPDX-License-Identifier: Apache-2.0
// Honeytrap digest section 7; the numbers are those of its section 12.
#include "http_query.hpp"

#include <gtest/gtest.h>

namespace honeytrap {
namespace {

struct Stored {
  Kind kind;
  std::string sensor;
};
const std::vector<Stored> store = {
    {Kind(std::int64_t{1}), "Ragnarok"}, {Kind(std::int64_t{2}), "ping"}, {Kind(std::int64_t{3}), "connection"}};

std::optional<EventQuery> parse(std::string_view body, std::string_view url = {}) {
  std::string error;
  auto query = parse_event_query(body, url, true, error);
  EXPECT_EQ(query.has_value(), error.empty()) << body << url;
  return query;
}

// The numbers of the events on the page.
std::vector<std::size_t> ask(std::string_view body, std::string_view url = {}) {
  const auto query = parse(body, url);
  if (!query) return {99};
  PageWindow window(*query);
  std::vector<std::size_t> page;
  for (std::size_t i = 0; i < store.size() && !window.full(); ++i)
    if (query->matches(store[i].kind, store[i].sensor) && window.take()) page.push_back(i);
  return page;
}

using List = std::vector<std::size_t>;

// 35.
TEST(HoneytrapQuery, NothingAskedIsEverything) {
  for (const char* body : {"", " \r\n", "{}", R"({"types":[],"sensors":[]})", R"({"page":null,"types":null})"})
    EXPECT_EQ(ask(body), (List{0, 1, 2})) << body;
}

// 36, 41.
TEST(HoneytrapQuery, Pages) {
  EXPECT_EQ(ask(R"({"page":1,"response_per_page":3})"), (List{0, 1, 2}));
  EXPECT_EQ(ask(R"({"page":1,"response_per_page":2})"), (List{0, 1}));
  EXPECT_EQ(ask(R"({"page":2,"response_per_page":2})"), (List{2}));
  EXPECT_EQ(ask(R"({"page":3,"response_per_page":2})"), List());
  EXPECT_EQ(ask(R"({"page":9223372036854775807,"response_per_page":9223372036854775807})"), List());
  EXPECT_EQ(ask(R"({"page":3,"response_per_page":9223372036854775807})"), List());
  // 2^32 pages of 2^32: the product is 0 in 64 bits.
  EXPECT_EQ(ask(R"({"page":4294967297,"response_per_page":4294967296})"), List());
}

// 37.
TEST(HoneytrapQuery, Types) {
  EXPECT_EQ(ask(R"({"page":1,"response_per_page":3,"types":[1,2]})"), (List{0, 1}));
  EXPECT_EQ(ask(R"({"page":1,"response_per_page":3,"types":[3]})"), (List{2}));
  EXPECT_EQ(ask(R"({"types":["1"]})"), List());
  EXPECT_TRUE(parse(R"({"types":["PING"]})")->matches(Kind(std::string("PING")), ""));
}

// 38.
TEST(HoneytrapQuery, Sensors) {
  EXPECT_EQ(ask(R"({"page":1,"response_per_page":3,"types":[1,2],"sensors":["^Rag"]})"), (List{0}));
  EXPECT_EQ(ask(R"({"sensors":["ping","^connect"]})"), (List{1, 2}));
  EXPECT_EQ(ask(R"({"sensors":["^rag"]})"), List());
  EXPECT_EQ(ask(R"({"sensors":["nar"]})"), (List{0}));
  // Invalid ones are skipped.
  EXPECT_EQ(ask(R"({"sensors":["(","ping"]})"), (List{1}));
  EXPECT_EQ(ask(R"({"sensors":["("]})"), List());
}

// 39.
TEST(HoneytrapQuery, WhatIsNoPageIsEverythingThatMatches) {
  EXPECT_EQ(ask(R"({"page":-1,"response_per_page":2})"), (List{0, 1, 2}));
  EXPECT_EQ(ask(R"({"page":0,"response_per_page":2})"), (List{0, 1, 2}));
  EXPECT_EQ(ask(R"({"page":1,"response_per_page":-2})"), (List{0, 1, 2}));
  EXPECT_EQ(ask(R"({"page":2})"), (List{0, 1, 2}));
  EXPECT_EQ(ask(R"({"page":-1,"response_per_page":2,"types":[3]})"), (List{2}));
}

// 40.
TEST(HoneytrapQuery, TheSourcesSpellingOfTheSize) {
  EXPECT_EQ(ask(R"({"page":2,"responser_per_page":2})"), (List{2}));
  EXPECT_EQ(ask(R"({"page":2,"responser_per_page":1,"response_per_page":2})"), (List{2}));
}

TEST(HoneytrapQuery, AlsoInTheUrl) {
  EXPECT_EQ(ask("", "page=2&response_per_page=2"), (List{2}));
  EXPECT_EQ(ask("", "page=2&responser_per_page=2&x=y"), (List{2}));
  EXPECT_EQ(ask("", "types=1,2&types=2"), (List{0, 1}));
  EXPECT_EQ(ask("", "sensors=%5ERag&sensors=pi.g&page=&types="), (List{0, 1}));
  EXPECT_EQ(ask(R"({"types":[3],"page":1,"response_per_page":3})", "types=1&page=7"), (List{2}));
  EXPECT_TRUE(parse("", "types=PING,5")->matches(Kind(std::string("PING")), ""));
  EXPECT_EQ(ask("", "page=x"), (List{99}));
  EXPECT_EQ(ask("", "&&=&page"), (List{0, 1, 2}));
}

TEST(HoneytrapQuery, BadBodiesAreRefused) {
  for (const char* body :
       {"{", "[]", "1", "{}{}", R"({"page":"1"})", R"({"page":1.5})", R"({"response_per_page":true})", R"({"types":5})",
        R"({"types":[1.5]})", R"({"types":[null]})", R"({"sensors":"a"})", R"({"sensors":[1]})"})
    EXPECT_FALSE(parse(body)) << body;
  std::string error;
  EXPECT_FALSE(parse_event_query(R"({"page":1,})", "", false, error));
  EXPECT_TRUE(parse(R"({"page":1,"types":[1,],})"));
}

TEST(HoneytrapQuery, ExpressionsAreBounded) {
  // These take exponential time or memory elsewhere.
  const auto slow = parse(R"({"sensors":["(a+)+$","(x{1000}){1000}","((a?){30}){30}b"]})");
  ASSERT_TRUE(slow);
  EXPECT_FALSE(slow->matches(Kind(), std::string(1000, 'a') + "!"));
  const auto end = parse(R"({"sensors":["b$"]})");
  EXPECT_TRUE(end->matches(Kind(), std::string(longest_matched - 1, 'a') + "b"));
  EXPECT_FALSE(end->matches(Kind(), std::string(longest_matched, 'a') + "b"));
  EXPECT_EQ(ask("{\"sensors\":[\"" + std::string(longest_expression + 1, '.') + "\",\"ping\"]}"), (List{1}));

  std::string many = "{\"sensors\":[\"a\"";
  for (std::size_t i = 1; i < most_expressions; ++i) many += ",\"a\"";
  EXPECT_TRUE(parse(many + "]}"));
  EXPECT_FALSE(parse(many + ",\"a\"]}"));
  std::string types = "{\"types\":[1";
  for (std::size_t i = 1; i < most_types; ++i) types += ",1";
  EXPECT_TRUE(parse(types + "]}"));
  EXPECT_FALSE(parse(types + ",1]}"));
  EXPECT_FALSE(parse(std::string(largest_query + 1, ' ')));
}

TEST(HoneytrapQuery, Answers) {
  std::string out;
  append_answer_head(out, *parse(R"({"page":1,"response_per_page":10})"), 100, PagingKeys::document);
  EXPECT_EQ(out.append(answer_tail), R"({"response_per_page":10,"page":1,"total":100,"events":[]})");
  out.clear();
  append_answer_head(out, *parse(""), 3, PagingKeys::both);
  EXPECT_EQ(out.append("{}").append(answer_tail),
            R"({"response_per_page":0,"responser_per_page":0,"page":0,"total":3,"events":[{}]})");
}

}  // namespace
}  // namespace honeytrap
