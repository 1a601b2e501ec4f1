// SPDX-License-Identifier: Apache-2.0
#include "interests.hpp"

#include <gmock/gmock.h>

#include <random>

#include "glob.hpp"

namespace redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(RedisInterests, ChannelsComeAndGoOneByOne) {
  Interests set("p:", {});
  set.add("a.*", true);
  set.add("a.*", true);
  set.add("c", true);
  EXPECT_THAT(set.apply().added.channels, ElementsAre("p:a.*", "p:c"));
  set.remove("a.*", true);
  EXPECT_THAT(set.apply().removed.channels, IsEmpty());
  set.remove("a.*", true);
  EXPECT_THAT(set.apply().removed.channels, ElementsAre("p:a.*"));
  EXPECT_THAT(set.all().channels, ElementsAre("p:c"));
}

TEST(RedisInterests, AWiderPatternTakesThePlaceOfNarrowOnes) {
  Interests set("", {});
  set.add("a.b", true);
  set.add("d", true);
  set.add("a.*.c", false);
  set.apply();
  set.add("a.#", false);
  Change change = set.apply();
  EXPECT_THAT(change.added.patterns, ElementsAre("a*"));
  EXPECT_THAT(change.removed.patterns, ElementsAre("a.*.c"));
  EXPECT_THAT(change.removed.channels, ElementsAre("a.b"));
  set.add("a.x", true);
  EXPECT_THAT(set.apply().added.channels, IsEmpty());
  set.remove("a.#", false);
  change = set.apply();
  EXPECT_THAT(change.added.channels, ElementsAre("a.b", "a.x"));
  EXPECT_THAT(change.added.patterns, ElementsAre("a.*.c"));
  EXPECT_THAT(change.removed.patterns, ElementsAre("a*"));
}

TEST(RedisInterests, NothingOutsideOfTheBounds) {
  Interests set("p[", {"valtronics.#", "plant.*.status"});
  set.add("#", false);
  EXPECT_THAT(set.apply().added.patterns, ElementsAre("p\\[plant.*.status", "p\\[valtronics*"));
  set.remove("#", false);
  set.add("secret.#", false);
  set.add("secret", true);
  set.add("valtronics.a", true);
  set.add("plant.1.status", true);
  set.add("valtronics.a.*", false);
  set.apply();
  EXPECT_THAT(set.all().patterns, ElementsAre("p\\[valtronics.a.*"));
  EXPECT_THAT(set.all().channels, ElementsAre("p[plant.1.status", "p[valtronics.a"));
}

TEST(RedisInterests, KeysThatNoEventHas) {
  Interests set("", {});
  for (const std::string& key : {std::string("\xff"), std::string("a\nb"), std::string(5000, 'a')}) {
    set.add(key, true);
    set.add(key, false);
  }
  const Change change = set.apply();
  EXPECT_THAT(change.added.channels, IsEmpty());
  EXPECT_THAT(change.added.patterns, IsEmpty());
}

// What is subscribed by all changes together is what all wishes together want.
TEST(RedisInterests, ChangesAddUpToTheWhole) {
  std::minstd_rand random(7);
  const std::vector<std::string> keys = {"a", "a.b", "a.b.c", "b", "b.c"};
  const std::vector<std::string> patterns = {"#", "a.#", "*.b", "a.*.c", "#.c", "b.*"};
  Interests set("", {});
  std::multiset<std::string> literal, pattern;
  std::set<std::string> channels, globs;
  const auto keep = [](std::set<std::string>& now, const std::vector<std::string>& added,
                       const std::vector<std::string>& removed) {
    for (const std::string& name : added) EXPECT_TRUE(now.insert(name).second) << name;
    for (const std::string& name : removed) EXPECT_EQ(now.erase(name), 1u) << name;
  };
  for (int i = 0; i < 20000; ++i) {
    const bool is_literal = random() % 2;
    auto& held = is_literal ? literal : pattern;
    const auto& from = is_literal ? keys : patterns;
    const std::string& key = from[random() % from.size()];
    if (const auto found = held.find(key); found != held.end() && random() % 2) {
      held.erase(found);
      set.remove(key, is_literal);
    } else if (held.size() < 4) {
      held.insert(key);
      set.add(key, is_literal);
    }
    if (random() % 3) continue;
    const Change change = set.apply();
    keep(channels, change.added.channels, change.removed.channels);
    keep(globs, change.added.patterns, change.removed.patterns);
    const auto covered = [&](const std::string& text) {
      return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return fits(glob, text); });
    };
    for (const std::string& wanted : literal) ASSERT_NE(channels.contains(wanted), covered(wanted));
    for (const std::string& channel : channels) ASSERT_TRUE(literal.contains(channel));
    for (const std::string& wanted : pattern)
      ASSERT_TRUE(std::any_of(globs.begin(), globs.end(), [&](const auto& g) { return covers(g, glob_of(wanted)); }));
    for (const std::string& a : globs)
      for (const std::string& b : globs) ASSERT_TRUE(a == b || !covers(a, b)) << a << " over " << b;
  }
}

}  // namespace
}  // namespace redis
