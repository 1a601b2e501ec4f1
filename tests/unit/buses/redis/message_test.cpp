// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <gmock/gmock.h>

#include <dragoman/sdk/host.hpp>

namespace redis {
namespace {

using dragoman::sdk::raw;
using testing::ElementsAre;
using testing::Pair;

Reply fields(const std::vector<std::string>& words) {
  Reply out;
  out.type = Reply::Type::array;
  for (const std::string& word : words) {
    out.elements.push_back(std::make_unique<Reply>());
    out.elements.back()->text = word;
  }
  return out;
}

TEST(RedisMessage, OfAChannel) {
  const auto message = read_message("a.b", "{}", "c");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->channel, "c");
  EXPECT_EQ(message->content_type, "application/json");
  EXPECT_EQ(message->id.size(), 32u);
  for (const std::string& key : {std::string(), std::string("\xff"), std::string("a\nb"), std::string(4097, 'a')})
    EXPECT_FALSE(read_message(key, "", "c"));
}

TEST(RedisMessage, OfAnEntry) {
  const StreamId id{1'700'000'000'123, 4};
  Reply all = fields({"body", "x", "Source", "s", "id", "me", "key", "k", "content_type", "t/t", "key", "second"});
  auto event = read_entry("st", id, all, "c", 1'700'000'001'000);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->key, "k");
  EXPECT_EQ(event->id, "me");
  EXPECT_EQ(event->body, "x");
  EXPECT_EQ(event->content_type, "t/t");
  EXPECT_EQ(event->time_ms, 1'700'000'000'123);
  EXPECT_THAT(event->attributes, ElementsAre(Pair("source", "s"), Pair("key", "second")));

  Reply none = fields({"odd"});
  event = read_entry("st", {1, 0}, none, "c", 1'700'000'001'000);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->key, "st");
  EXPECT_EQ(event->id, "st/1-0");
  EXPECT_EQ(event->time_ms, 0) << "a name that is no time";

  Reply bad_id = fields({"id", "\xff"}), bad_key = fields({"key", "\xff"});
  EXPECT_EQ(read_entry("st", {2, 3}, bad_id, "c", 0)->id, "st/2-3");
  EXPECT_FALSE(read_entry("st", {2, 3}, bad_key, "c", 0));
}

TEST(RedisMessage, AnEventComesBackAsItWas) {
  const dgm_field attributes[] = {{raw("id"), raw("other")}, {raw("source"), raw("s")}};
  dgm_event event{};
  event.size = sizeof event;
  event.channel = raw("c");
  event.key = raw("a.b");
  event.id = raw("1");
  event.content_type = raw("t/t");
  event.body = raw(std::string_view("\0\xff", 2));
  event.attributes = attributes;
  event.attribute_count = 2;
  EXPECT_FALSE(read_event(event, "other"));
  const auto out = read_event(event, "c");
  ASSERT_TRUE(out);
  std::vector<std::string> words;
  for (const std::string_view word : fields_of(*out)) words.emplace_back(word);
  Reply entry = fields(words);
  const auto back = read_entry("st", {5, 0}, entry, "c", 0);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, "1");
  EXPECT_EQ(back->body, std::string("\0\xff", 2));
  EXPECT_THAT(back->attributes, ElementsAre(Pair("id", "other"), Pair("source", "s")));
}

TEST(RedisStreamId, ReadAndOrdered) {
  EXPECT_EQ(StreamId::parse("18446744073709551615-7")->text(), "18446744073709551615-7");
  EXPECT_LT(*StreamId::parse("9-10"), *StreamId::parse("10-0"));
  EXPECT_LT(*StreamId::parse("9-9"), *StreamId::parse("9-10"));
  for (const char* text : {"", "-", "1", "1-", "-1", "1-1-1", "1-x", " 1-1", "+1-1", "18446744073709551616-0"})
    EXPECT_FALSE(StreamId::parse(text)) << text;
}

}  // namespace
}  // namespace redis
