// SPDX-License-Identifier: Apache-2.0
// Honeytrap digest sections 5 and 6; the numbers are those of its section 12.
#include "record.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "examples.hpp"

namespace honeytrap {
namespace {

namespace json = boost::json;

const Classifier classifier;
constexpr std::int64_t now = 1'491'440'400'123;  // 2017-04-06T01:00:00.123Z

std::optional<Record> read(std::string_view text, bool lenient = true) {
  std::string error;
  auto record = normalise(text, {classifier, now, lenient}, error);
  EXPECT_EQ(record.has_value(), error.empty()) << text;
  return record;
}

std::string stored(std::string_view text) {
  const auto record = read(text);
  return record ? record->json : "refused";
}

TEST(HoneytrapRecord, TheExamplesOfTheDocument) {
  const auto session = read(session_example), event = read(event_example);
  ASSERT_TRUE(session && event);
  EXPECT_EQ(json::parse(session->json), json::parse(session_example));
  EXPECT_EQ(session->json.substr(0, 58), R"({"type":1,"sensor":"ssh_session","date":"06-04-2013","star)");
  EXPECT_TRUE(session->json.ends_with(
      R"("details":{"extra_data":[]},"session_id":"6575-232-4545-232443-55454","container_id":"4343434-43-3434-43434343"})"));
  EXPECT_EQ(session->event_class, EventClass::session);
  EXPECT_EQ(session->kind, Kind(std::int64_t{1}));
  EXPECT_EQ(session->sensor, "ssh_session");
  EXPECT_EQ(session->category, "SSHConnections");
  EXPECT_EQ(session->time_ms, now);
  EXPECT_EQ(session->source_ip, "10.78.54.100");
  EXPECT_EQ(event->event_class, EventClass::event);

  std::string error;
  const auto batch = normalise_batch(example_payload(session_example), {classifier, now, true}, error);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 1u);
  EXPECT_EQ(batch->front().json, session->json);
  EXPECT_FALSE(normalise_batch(example_payload(session_example), {classifier, now, false}, error));
}

// 29.
TEST(HoneytrapRecord, TheSourcesSpellingBecomesTheDocuments) {
  EXPECT_EQ(stored(R"({"sensor":"ssh","date":"2017-04-06T01:02:03Z","started":"0001-01-01T00:00:00Z",
                      "ended":"0001-01-01T00:00:00Z","token":"t","location":"Unknown","category":"Connections",
                      "host_addr":"1.2.3.4:5","local_addr":"[::1]:22","event_type":5,"data":null,"details":null})"),
            R"({"type":5,"sensor":"ssh","date":"2017-04-06T01:02:03Z","started":"0001-01-01T00:00:00Z",)"
            R"("ended":"0001-01-01T00:00:00Z","token":"t","location":"Unknown","category":"Connections",)"
            R"("hostAddr":"1.2.3.4:5","localAddr":"[::1]:22","data":null,"details":null})");
  EXPECT_EQ(stored(R"({"event_type":"PING","date":"d"})"), R"({"type":"PING","date":"d"})");
  // Both spellings: the document's.
  EXPECT_EQ(stored(R"({"event_type":5,"type":6,"date":"d","hostAddr":"a","host_addr":"b"})"),
            R"({"type":6,"date":"d","hostAddr":"a"})");
}

TEST(HoneytrapRecord, SourceKeysOnRequest) {
  const std::string text = stored(R"({"x":1,"container_id":"c","session_id":"s","details":{},"data":2,"localAddr":"l",
    "hostAddr":"h","category":"k","location":"o","token":"t","ended":"e","started":"b","date":"d","sensor":"n","type":5})");
  EXPECT_EQ(to_source_keys(text),
            R"({"sensor":"n","date":"d","started":"b","ended":"e","token":"t","location":"o","category":"k",)"
            R"("host_addr":"h","local_addr":"l","event_type":5,"data":2,"details":{},"session_id":"s",)"
            R"("container_id":"c","x":1})");
  EXPECT_EQ(stored(*to_source_keys(text)), text);
  EXPECT_EQ(to_source_keys("{}"), "{}");
  for (const char* bad : {"", "{", "[]", "1", R"({"a")", R"({"a":})", R"({a:1})", R"({"a":1,})", R"({"a":1 "b":2})"})
    EXPECT_FALSE(to_source_keys(bad)) << bad;
}

TEST(HoneytrapRecord, FlatMapsKeepTheirOwnKeysInOrder) {
  const auto record = read(R"({"date":"2018-02-01T10:00:00.5+01:00","category":"ssh","sensor":"services",
    "source-port":4000,"source-ip":"198.51.100.7","type":"login","ssh.username":"root","payload-hex":"00"})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->json,
            R"({"type":"login","sensor":"services","date":"2018-02-01T10:00:00.5+01:00","category":"ssh",)"
            R"("source-port":4000,"source-ip":"198.51.100.7","ssh.username":"root","payload-hex":"00"})");
  EXPECT_EQ(record->kind, Kind(std::string("login")));
  EXPECT_EQ(record->source_ip, "198.51.100.7");
  EXPECT_EQ(record->time_ms, 1'517'475'600'500);
}

// 28.
TEST(HoneytrapRecord, ValuesComeBackAsTheyWere) {
  const std::string text =
      R"({"type":3,"date":"d","data":"<a href=\"x\">&\u003c\u0000é\ud83d\ude00 , ]","details":null,"n":[1.0,1e2,-0,)"
      R"(123456789012345678901234567890,0.10],"t":true,"o":{"b":{},"a":[]}})";
  EXPECT_EQ(stored(text), text);
  EXPECT_EQ(stored(R"({ "date" : "a , } b" ,"data":[ 1 , { "x" : "[ ,]" , } , ] , })"),
            R"({"date":"a , } b","data":[1,{"x":"[ ,]"}]})");
}

// 30.
TEST(HoneytrapRecord, EmptyOptionalKeysAreAbsent) {
  EXPECT_EQ(stored(R"({"date":"d","token":"","location":null,"session_id":"","container_id":null})"),
            R"({"date":"d"})");
  EXPECT_EQ(stored(R"({"date":"d","sensor":"","data":null})"), R"({"sensor":"","date":"d","data":null})");
}

TEST(HoneytrapRecord, OnlyAMissingDateIsFilledIn) {
  const std::string filled = R"({"type":3,"date":"2017-04-06T01:00:00.123Z","started":""})";
  for (const char* date : {"", R"(,"date":null)", R"(,"date":"")"})
    EXPECT_EQ(stored(R"({"type":3,"started":"")" + std::string(date) + "}"), filled);
  EXPECT_EQ(stored("{}"), R"({"date":"2017-04-06T01:00:00.123Z"})");
  EXPECT_EQ(stored(R"({"date":5})"), R"({"date":5})");
  EXPECT_EQ(read(R"({"date":"0001-01-01T00:00:00Z"})")->time_ms, now);
  EXPECT_EQ(read(R"({"date":"2017-04-06T00:00:00Z"})")->time_ms, 1'491'436'800'000);
}

TEST(HoneytrapRecord, KindsAreIntegersOrStrings) {
  EXPECT_EQ(read(R"({"type":-7})")->kind, Kind(std::int64_t{-7}));
  EXPECT_EQ(read(R"({"type":"a\u0041"})")->kind, Kind(std::string("aA")));
  for (const char* text :
       {"{}", R"({"type":1.0})", R"({"type":null})", R"({"type":[]})", R"({"type":9223372036854775808})"})
    EXPECT_EQ(read(text)->kind, Kind()) << text;
}

// 31.
TEST(HoneytrapRecord, ClassByRuleOrHint) {
  EXPECT_EQ(read(R"({"type":5})")->event_class, EventClass::session);
  EXPECT_EQ(read(R"({"event_type":6})")->event_class, EventClass::session);
  EXPECT_EQ(read(R"({"type":3})")->event_class, EventClass::event);
  std::string error;
  EXPECT_EQ(normalise(R"({"type":5})", {classifier, now, true, EventClass::event}, error)->event_class,
            EventClass::event);
}

TEST(HoneytrapRecord, SourceAddressIsAnAddressOrNothing) {
  const auto source = [](const std::string& members) { return read("{" + members + "}")->source_ip; };
  EXPECT_EQ(source(R"("source-ip":"2001:db8::1","hostAddr":"1.2.3.4:5")"), "2001:db8::1");
  EXPECT_EQ(source(R"("source-ip":"no","hostAddr":"1.2.3.4:5")"), "1.2.3.4");
  EXPECT_EQ(source(R"("host_addr":"[2001:db8::2]:80")"), "2001:db8::2");
  EXPECT_EQ(source(R"("hostAddr":"1.2.3.4")"), "1.2.3.4");
  for (const char* bad : {R"("hostAddr":"host:80")", R"("hostAddr":7)", R"("hostAddr":"")", R"("hostAddr":"1.2.3:4")",
                          R"("source-ip":"1.2.3.4\u0000")", R"("hostAddr":":80")", R"("x":1)"})
    EXPECT_EQ(source(bad), "") << bad;
  EXPECT_EQ(split_address("1.2.3.4:80").port, "80");
  for (const char* bad : {"1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:08", "1.2.3.4:8x", "1.2.3.4:99999999999"})
    EXPECT_EQ(split_address(bad).port, "") << bad;
}

TEST(HoneytrapRecord, InvalidUtf8IsRepaired) {
  EXPECT_EQ(stored("{\"date\":\"d\",\"data\":\"a\xff\x62\xe2\x82\",\"k\xc0\":\"\xed\xa0\x80\"}"),
            "{\"date\":\"d\",\"data\":\"a\xef\xbf\xbd"
            "b\xef\xbf\xbd\",\"k\xef\xbf\xbd\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}");
}

TEST(HoneytrapRecord, TheLastOfEqualKeysCounts) {
  EXPECT_EQ(stored(R"({"a":1,"date":"x","b":2,"\u0061":3,"date":"d"})"), R"({"date":"d","a":3,"b":2})");
}

TEST(HoneytrapRecord, NormalisingAgainChangesNothing) {
  for (const std::string& text :
       {session_example, event_example, std::string(R"({"z":1,"a\n\"\u00e9":[ 2 ],"event_type":9})")})
    EXPECT_EQ(stored(stored(text)), stored(text));
}

TEST(HoneytrapRecord, WhatIsNoEventIsRefused) {
  for (const char* text : {"", "1", "null", "[]", "\"x\"", "{", "{}x", "{}{}", R"({"a":1,,})", R"({"a":tru})",
                           R"({"a":"\ud800"})", "{\"a\":\"\n\"}", R"({"a":01})", R"({"a":NaN})"})
    EXPECT_FALSE(read(text)) << text;
  EXPECT_FALSE(read(R"({"a":1,})", false));
}

TEST(HoneytrapRecord, SizeAndDepthAreBounded) {
  const auto deep = [](std::size_t n) { return R"({"a":)" + std::string(n, '[') + std::string(n, ']') + "}"; };
  EXPECT_TRUE(read(deep(31)));
  EXPECT_FALSE(read(deep(32)));
  const auto list = [](const std::string& event) { return std::string("[").append(event).append("]"); };
  std::string error;
  const Ingest how{classifier, now};
  EXPECT_TRUE(normalise_batch(list(deep(31)), how, error));
  EXPECT_FALSE(normalise_batch(list(deep(32)), how, error));
  EXPECT_FALSE(normalise_batch(std::string(1 << 20, '['), how, error));
  const std::string large = R"({"a":")" + std::string(largest_event, 'x') + "\"}";
  EXPECT_FALSE(read(large));
  EXPECT_FALSE(normalise_batch(list(large), how, error));
  EXPECT_TRUE(read(R"({"a":")" + std::string(largest_event - 8, 'x') + "\"}"));
}

TEST(HoneytrapBatch, AllOrNone) {
  std::string error;
  const Ingest how{classifier, now};
  const auto batch = normalise_batch(R"( [{"type":3,"date":"a"} , {"type":5,"date":"b"}])", how, error);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 2u);
  EXPECT_EQ((*batch)[0].json, R"({"type":3,"date":"a"})");
  EXPECT_EQ((*batch)[1].event_class, EventClass::session);
  EXPECT_EQ(normalise_batch(R"({"type":3})", how, error)->size(), 1u);
  EXPECT_EQ(normalise_batch("[]", how, error)->size(), 0u);
  for (const char* text : {"", "1", "[1]", R"([{"type":3},null])", R"([{"type":3}][])", R"([{"a":[[1]},])"}) {
    error.clear();
    EXPECT_FALSE(normalise_batch(text, how, error)) << text;
    EXPECT_FALSE(error.empty());
  }
  std::string many = "[{}";
  for (std::size_t i = 1; i < largest_batch; ++i) many += ",{}";
  EXPECT_EQ(normalise_batch(many + "]", how, error)->size(), largest_batch);
  EXPECT_FALSE(normalise_batch(many + ",{}]", how, error));
}

}  // namespace
}  // namespace honeytrap
