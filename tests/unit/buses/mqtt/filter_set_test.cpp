// SPDX-License-Identifier: Apache-2.0
#include "common/filter_set.hpp"

#include <gmock/gmock.h>

#include <random>

#include "topic.hpp"

namespace mqtt {
namespace {

using buses::FilterChange;
using buses::FilterSet;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(FilterSet, TopicsComeAndGoOneByOne) {
  FilterSet set(topic_filters, {});
  set.add("a/b");
  set.add("a/b");
  set.add("c");
  EXPECT_THAT(set.apply().subscribe, ElementsAre("a/b", "c"));
  set.remove("a/b");
  EXPECT_THAT(set.apply().unsubscribe, IsEmpty());
  set.remove("a/b");
  const FilterChange change = set.apply();
  EXPECT_THAT(change.unsubscribe, ElementsAre("a/b"));
  EXPECT_THAT(change.subscribe, IsEmpty());
  EXPECT_THAT(set.all(), ElementsAre("c"));
}

TEST(FilterSet, AWiderFilterTakesThePlaceOfNarrowOnes) {
  FilterSet set(topic_filters, {});
  for (const char* filter : {"a/b", "a/c", "d"}) set.add(filter);
  set.apply();
  set.add("a/+");
  FilterChange change = set.apply();
  EXPECT_THAT(change.subscribe, ElementsAre("a/+"));
  EXPECT_THAT(change.unsubscribe, ElementsAre("a/b", "a/c"));
  set.add("a/x");
  EXPECT_THAT(set.apply().subscribe, IsEmpty());
  set.remove("a/+");
  change = set.apply();
  EXPECT_THAT(change.subscribe, ElementsAre("a/b", "a/c", "a/x"));
  EXPECT_THAT(change.unsubscribe, ElementsAre("a/+"));
}

TEST(FilterSet, NothingOutsideOfTheBounds) {
  FilterSet set(topic_filters, {"valtronics/#", "plant/+/status"});
  set.add("#");
  EXPECT_THAT(set.apply().subscribe, ElementsAre("plant/+/status", "valtronics/#"));
  set.add("secret/#");
  set.add("+/north/+");
  EXPECT_THAT(set.apply().subscribe, IsEmpty());
  set.remove("#");
  set.apply();
  EXPECT_THAT(set.all(), ElementsAre("plant/north/status", "valtronics/north/+"));
}

TEST(FilterSet, ChangesAddUpToTheWhole) {
  std::mt19937 random(3);
  const std::vector<std::string> filters{"#", "a/#", "a/+", "+/b", "a/b", "a", "c", "c/d", "+/+", "$SYS/a", "$SYS/#"};
  FilterSet set(topic_filters, {});
  std::multiset<std::string> wanted;
  std::set<std::string> subscribed;
  for (int round = 0; round < 5000; ++round) {
    const std::string& filter = filters[random() % filters.size()];
    if (const auto at = wanted.find(filter); random() % 2 && at != wanted.end()) {
      wanted.erase(at);
      set.remove(filter);
    } else if (wanted.size() < 12) {
      wanted.insert(filter);
      set.add(filter);
    }
    if (random() % 3) continue;
    const FilterChange change = set.apply();
    for (const auto& f : change.subscribe) EXPECT_TRUE(subscribed.insert(f).second) << f;
    for (const auto& f : change.unsubscribe) EXPECT_EQ(subscribed.erase(f), 1u) << f;
    EXPECT_EQ(subscribed, set.all());
    const auto expected = topic_filters.apart({wanted.begin(), wanted.end()});
    EXPECT_EQ(subscribed, std::set<std::string>(expected.begin(), expected.end()));
  }
}

}  // namespace
}  // namespace mqtt
