// SPDX-License-Identifier: Apache-2.0
// Honeytrap digest section 9; the numbers are those of its section 12.
#include "envelope.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "examples.hpp"

namespace honeytrap {
namespace {

namespace json = boost::json;

constexpr CountryCode nl{'N', 'L'}, de{'D', 'E'};

std::string flat(std::string_view stored, std::optional<CountryCode> country = {}) {
  const auto event = flatten(stored, country);
  return event ? event->json : "dropped";
}

// 43.
TEST(HoneytrapEnvelope, Metadata) {
  EXPECT_EQ(metadata_frame({"1.2", "v1.2", "abcdef\"", "abc"}, 1'517'475'600'000),
            "{\"data\":{\"commitid\":\"abcdef\\\"\",\"release_tag\":\"v1.2\",\"shortcommitid\":\"abc\","
            "\"start\":\"2018-02-01T09:00:00.000Z\",\"version\":\"1.2\"},\"type\":\"metadata\"}\n");
}

// 44.
TEST(HoneytrapEnvelope, EmptyStoresAreArrays) {
  EXPECT_EQ(RecentEvents().frame(), "{\"data\":[],\"type\":\"events\"}\n");
  EXPECT_EQ(HotCountries().frame(), "{\"data\":[],\"type\":\"hot_countries\"}\n");
}

// 45.
TEST(HoneytrapEnvelope, EventAndItsCountry) {
  const auto event = flatten(R"({"type":"a","date":"d","source-ip":"1.2.3.4","Z":{"b":1,"a":2}})", nl);
  ASSERT_TRUE(event);
  EXPECT_EQ(event_frame(event->json),
            "{\"data\":{\"Z\":{\"b\":1,\"a\":2},\"date\":\"d\",\"source-ip\":\"1.2.3.4\","
            "\"source.country.isocode\":\"NL\",\"type\":\"a\"},\"type\":\"event\"}\n");
  HotCountries countries;
  countries.count(nl, 1'517'475'600'000);
  countries.count(de, 1'517'475'601'000);
  countries.count(*event->country, 1'517'475'602'000);
  EXPECT_EQ(countries.frame(),
            "{\"data\":[{\"count\":2,\"isocode\":\"NL\",\"last\":\"2018-02-01T09:00:02.000Z\"},"
            "{\"count\":1,\"isocode\":\"DE\",\"last\":\"2018-02-01T09:00:01.000Z\"}],\"type\":\"hot_countries\"}\n");
}

TEST(HoneytrapEnvelope, WithoutDatabaseTheCountryOfTheEventCounts) {
  EXPECT_EQ(flatten(R"({"source.country.isocode":"NL"})", std::nullopt)->country, nl);
  EXPECT_EQ(flatten(R"({"source.country.isocode":"NL"})", de)->json, R"({"source.country.isocode":"DE"})");
  for (const char* code : {R"("nl")", R"("NLD")", R"("")", "5", R"("<>")", R"("N1")"})
    EXPECT_EQ(flatten(R"({"source.country.isocode":)" + std::string(code) + "}", std::nullopt)->country, std::nullopt);
}

// 46.
TEST(HoneytrapEnvelope, HeartbeatsAreDropped) {
  EXPECT_EQ(flat(R"({"category":"heartbeat","sequence":1})"), "dropped");
  EXPECT_EQ(flat(R"({"category":"heart\u0062eat"})", nl), "dropped");
  EXPECT_NE(flat(R"({"category":"heartbeats"})"), "dropped");
  EXPECT_EQ(flat("[]"), "dropped");
}

TEST(HoneytrapEnvelope, AddressesOfTheDocumentAreShown) {
  EXPECT_EQ(flat(R"({"hostAddr":"1.2.3.4:80","localAddr":"[::1]:22"})"),
            R"({"destination-ip":"::1","destination-port":22,"hostAddr":"1.2.3.4:80","localAddr":"[::1]:22",)"
            R"("source-ip":"1.2.3.4","source-port":80})");
  EXPECT_EQ(flat(R"({"hostAddr":"1.2.3.4:80","source-ip":"9.9.9.9"})"),
            R"({"hostAddr":"1.2.3.4:80","source-ip":"9.9.9.9"})");
  EXPECT_EQ(flat(R"({"hostAddr":"nobody"})"), R"({"hostAddr":"nobody"})");
  EXPECT_NE(flat(event_example), "refused");
}

// 47.
TEST(HoneytrapEnvelope, TheNewest1001EventsAreKept) {
  RecentEvents events;
  for (int i = 0; i < 1500; ++i) events.add("{\"n\":" + std::to_string(i) + "}");
  const json::value frame = json::parse(events.frame());
  const json::array& list = frame.at("data").as_array();
  ASSERT_EQ(list.size(), 1001u);
  EXPECT_EQ(list.front().at("n"), 499);
  EXPECT_EQ(list.back().at("n"), 1499);
}

TEST(HoneytrapEnvelope, LargeEventsPushOutOldOnes) {
  RecentEvents events;
  const std::string large = "{\"x\":\"" + std::string(1 << 20, 'x') + "\"}";
  for (int i = 0; i < 40; ++i) events.add(large);
  EXPECT_LE(events.frame().size(), RecentEvents::most_bytes + 64);
}

TEST(HoneytrapEnvelope, CountriesAreBounded) {
  HotCountries countries;
  for (char a = 'A'; a <= 'Z'; ++a)
    for (char b = 'A'; b <= 'Z'; ++b) countries.count({a, b}, 0);
  EXPECT_EQ(json::parse(countries.frame()).at("data").as_array().size(), HotCountries::most);
}

}  // namespace
}  // namespace honeytrap
