// SPDX-License-Identifier: Apache-2.0
#include "reply.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <random>

namespace redis {
namespace {

std::string shown(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::nil:
      return "nil";
    case Reply::Type::integer:
      return std::to_string(reply.integer);
    case Reply::Type::string:
      return '"' + reply.text + '"';
    case Reply::Type::status:
      return '+' + reply.text;
    case Reply::Type::error:
      return '-' + reply.text;
    case Reply::Type::array:
      break;
  }
  std::string out = "[";
  for (const auto& one : reply.elements) out += shown(*one) + ' ';
  return out + ']';
}

TEST(RedisReply, SplitAnywhere) {
  const std::string said = "+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n*-1\r\n*3\r\n$2\r\nab\r\n*2\r\n:1\r\n$0\r\n\r\n*0\r\n";
  for (std::size_t size = 1; size <= said.size(); ++size) {
    ReplyReader reader(10000);
    std::string all;
    for (std::size_t at = 0; at < said.size(); at += size) {
      const std::string piece = said.substr(at, size);
      reader.feed(piece.data(), piece.size());
      while (const auto reply = reader.next()) all += shown(*reply) + '|';
    }
    EXPECT_EQ(all, "+OK|-ERR no|-7|nil|nil|[\"ab\" [1 \"\" ] [] ]|");
  }
}

TEST(RedisReply, ErrorCodes) {
  ReplyReader reader(1000);
  const std::string said = "-NOPERM it may not\r\n-X\r\n+NOPERM x\r\n";
  reader.feed(said.data(), said.size());
  EXPECT_EQ(reader.next()->error_code(), "NOPERM");
  EXPECT_EQ(reader.next()->error_code(), "X");
  EXPECT_EQ(reader.next()->error_code(), "");
}

TEST(RedisReply, OneThatIsTooLargeShowsItsBeginning) {
  for (const std::string& tail : {std::string("$900\r\n"), std::string("$5000\r\n" + std::string(900, 'x'))}) {
    ReplyReader reader(800);
    const std::string said = "*3\r\n$3\r\none\r\n*2\r\n:2\r\n" + tail + std::string(900, 'y');
    reader.feed(said.data(), said.size());
    try {
      reader.next();
      FAIL();
    } catch (const TooLarge& large) {
      ASSERT_TRUE(large.part);
      EXPECT_EQ(shown(*large.part), "[\"one\" [2 ] ]");
    }
  }
}

TEST(RedisReply, TheBoundIsOfEachReply) {
  ReplyReader reader(2000);
  const std::string said = "$1000\r\n" + std::string(1000, 'x') + "\r\n";
  for (int i = 0; i < 100; ++i) {
    reader.feed(said.data(), said.size());
    ASSERT_TRUE(reader.next());
    ASSERT_FALSE(reader.next());
  }
}

TEST(RedisReply, PromisesTakeNoMemory) {
  for (const char* said : {"*2147483647\r\n", "$500000000\r\n", "*1\r\n*2147483647\r\n"}) {
    ReplyReader reader(1000);
    reader.feed(said, std::strlen(said));
    EXPECT_FALSE(reader.next());
  }
}

TEST(RedisReply, Noise) {
  std::minstd_rand random(5);
  static constexpr std::string_view letters = "*$:+-\r\n0123456789a";
  for (int i = 0; i < 20000; ++i) {
    ReplyReader reader(4096);
    std::string said;
    for (int k = 0; k < 40; ++k) said += letters[random() % letters.size()];
    try {
      reader.feed(said.data(), said.size());
      while (reader.next()) continue;
    } catch (const Lost& lost) {
      ASSERT_THAT(lost.what(),
                  testing::AnyOf(testing::HasSubstr("does not speak as Redis"), testing::HasSubstr("more at once")));
    }
  }
}

}  // namespace
}  // namespace redis
