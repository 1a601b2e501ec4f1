// SPDX-License-Identifier: Apache-2.0
#include "common/filter.hpp"

#include <gmock/gmock.h>
#include <mosquitto.h>

#include <random>

#include "topic.hpp"

namespace mqtt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Filter, Covers) {
  const std::pair<const char*, const char*> yes[] = {
      {"#", "a"},     {"#", "+/b"},   {"#", "#"},       {"a/#", "a"},  {"a/#", "a/#"},
      {"a/+", "a/b"}, {"+/+", "a/+"}, {"a/#", "a/b/#"}, {"+", "+"},    {"+/#", "a/#"},
      {"+/#", "+"},   {"a", "a"},     {"/#", "/"},      {"+/b", "/b"}, {"$SYS/#", "$SYS/a"}};
  for (const auto& [a, b] : yes) EXPECT_TRUE(topic_filters.covers(a, b)) << a << " " << b;
  const std::pair<const char*, const char*> no[] = {{"a", "#"},      {"+", "#"},        {"a/+", "a/#"}, {"a/b", "a/+"},
                                                    {"a/+", "+/b"},  {"a", "a/b"},      {"a/b", "a"},   {"a", "a/#"},
                                                    {"#", "$SYS/a"}, {"+/a", "$SYS/a"}, {"#", "$SYS/#"}};
  for (const auto& [a, b] : no) EXPECT_FALSE(topic_filters.covers(a, b)) << a << " " << b;
}

TEST(Filter, OverlapAndWhatIsMadeOfTwo) {
  struct Case {
    const char *a, *b, *both, *all;
  };
  const Case cases[] = {{"a/+", "+/b", "a/b", "+/+"},
                        {"a/#", "+/b", "a/b", "+/#"},
                        {"a/#", "a", "a", "a/#"},
                        {"#", "a/+", "a/+", "#"},
                        {"+/#", "a", "a", "+/#"},
                        {"a/+/c", "a/b/#", "a/b/c", "a/+/#"},
                        {"a", "a", "a", "a"},
                        {"/+", "+/", "/", "+/+"},
                        {"$SYS/+", "$SYS/a", "$SYS/a", "$SYS/+"},
                        {"+/+/#", "a/b", "a/b", "+/+/#"},
                        {"a/#", "#", "a/#", "#"}};
  for (const auto& [a, b, both, all] : cases) {
    EXPECT_TRUE(topic_filters.overlap(a, b)) << a << " " << b;
    EXPECT_EQ(topic_filters.intersection(a, b), both) << a << " " << b;
    EXPECT_EQ(topic_filters.intersection(b, a), both) << a << " " << b;
    EXPECT_EQ(topic_filters.join(a, b), all) << a << " " << b;
    EXPECT_EQ(topic_filters.join(b, a), all) << a << " " << b;
  }
  for (const auto& [a, b] : {std::pair("a", "b"),
                             {"a/+", "a"},
                             {"a/+", "b/+"},
                             {"+", "a/b"},
                             {"#", "$SYS/a"},
                             {"+/a", "$SYS/a"},
                             {"+", "/#"}})
    EXPECT_EQ(topic_filters.intersection(a, b), std::nullopt) << a << " " << b;
}

TEST(Filter, Apart) {
  EXPECT_THAT(topic_filters.apart({}), IsEmpty());
  EXPECT_THAT(topic_filters.apart({"a/b", "a/+", "c", "a/#"}), ElementsAre("a/#", "c"));
  EXPECT_THAT(topic_filters.apart({"a/+", "+/b", "c/d"}), ElementsAre("+/+"));
  EXPECT_THAT(topic_filters.apart({"a/+", "b/+"}), ElementsAre("a/+", "b/+"));
  EXPECT_THAT(topic_filters.apart({"#", "$SYS/x", "a"}), ElementsAre("#", "$SYS/x"));
}

class Topics {
 public:
  std::string topic() { return make({"a", "b", "", "$SYS"}, false); }
  std::string filter() { return make({"a", "b", "", "$SYS", "+", "+"}, true); }
  std::size_t below(std::size_t n) { return random_() % n; }

 private:
  std::string make(const std::vector<std::string>& levels, bool hash) {
    for (;;) {
      std::string out;
      const std::size_t n = 1 + below(4);
      for (std::size_t i = 0; i < n; ++i) {
        if (i) out += '/';
        if (hash && i + 1 == n && below(3) == 0)
          out += '#';
        else
          out += levels[below(levels.size())];
      }
      if (!out.empty()) return out;
    }
  }
  std::mt19937 random_{7};
};

bool matches(const std::string& filter, const std::string& topic) {
  bool result = false;
  EXPECT_EQ(mosquitto_topic_matches_sub(filter.c_str(), topic.c_str(), &result), MOSQ_ERR_SUCCESS);
  return result;
}

// The library's own matching says which topics belong to a filter.
TEST(Filter, AgreesWithMatchingOfTopics) {
  Topics random;
  for (int round = 0; round < 20000; ++round) {
    const std::string a = random.filter(), b = random.filter(), topic = random.topic();
    const bool in_a = matches(a, topic), in_b = matches(b, topic);
    const auto both = topic_filters.intersection(a, b);
    EXPECT_TRUE(in_a || !in_b || !topic_filters.covers(a, b)) << a << " " << b << " " << topic;
    EXPECT_TRUE(topic_filters.overlap(a, b) || !in_a || !in_b) << a << " " << b << " " << topic;
    EXPECT_EQ(in_a && in_b, both && matches(*both, topic)) << a << " " << b << " " << topic;
    if (both) {
      EXPECT_TRUE(topic_filters.covers(a, *both) && topic_filters.covers(b, *both)) << a << " " << b;
      EXPECT_TRUE(topic_filters.covers(topic_filters.join(a, b), a) &&
                  topic_filters.covers(topic_filters.join(a, b), b))
          << a << " " << b;
    }
  }
}

TEST(Filter, ApartMatchesOnceWhatWasMatchedAtAll) {
  Topics random;
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> filters;
    for (std::size_t n = random.below(8); n-- > 0;) filters.push_back(random.filter());
    const auto out = topic_filters.apart(filters);
    for (const auto& f : filters)
      EXPECT_EQ(std::count_if(out.begin(), out.end(), [&](const auto& o) { return topic_filters.covers(o, f); }), 1)
          << f;
    for (int i = 0; i < 10; ++i) {
      const std::string topic = random.topic();
      EXPECT_LE(std::count_if(out.begin(), out.end(), [&](const auto& o) { return matches(o, topic); }), 1) << topic;
    }
    std::shuffle(filters.begin(), filters.end(), std::mt19937(static_cast<unsigned>(round)));
    EXPECT_EQ(topic_filters.apart(filters), out);
  }
}

}  // namespace
}  // namespace mqtt
