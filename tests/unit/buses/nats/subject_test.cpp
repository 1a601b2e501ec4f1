// SPDX-License-Identifier: Apache-2.0
#include "subject.hpp"

#include <gmock/gmock.h>

#include <random>

#include "common/filter_set.hpp"
#include "hub/key_tree.hpp"

namespace nats {
namespace {

using testing::ElementsAre;

TEST(Subject, WhatCanBePublished) {
  for (const char* key : {"a", "a.b", "a*b", "a>", "\xc3\xa4.%", "$JS.x", "#a"}) EXPECT_TRUE(is_subject(key)) << key;
  for (const std::string& key :
       {std::string(), std::string("."), std::string("a."), std::string(".a"), std::string("a..b"), std::string("a b"),
        std::string("a\tb"), std::string("a\r\nb"), std::string("*"), std::string("a.*"), std::string("a.>"),
        std::string("a.#"), std::string("\xff"), std::string("a\0b", 3), std::string(2049, 'x')})
    EXPECT_FALSE(is_subject(key)) << key.substr(0, 10);
  EXPECT_TRUE(is_subject(std::string(2048, 'x')));
}

TEST(Subject, Patterns) {
  const auto subjects = [](std::string_view key) {
    const auto filter = filter_of(key, false);
    return filter ? subjects_of(*filter) : std::vector<std::string>{"none"};
  };
  EXPECT_THAT(subjects("#"), ElementsAre(">"));
  EXPECT_THAT(subjects("*.#"), ElementsAre(">"));
  EXPECT_THAT(subjects("*"), ElementsAre("*"));
  EXPECT_THAT(subjects("a.*.b"), ElementsAre("a.*.b"));
  EXPECT_THAT(subjects("a.#"), ElementsAre("a", "a.>"));
  EXPECT_THAT(subjects("a.*.#"), ElementsAre("a.>"));
  EXPECT_THAT(subjects("a.*.*.#"), ElementsAre("a.*.>"));
  EXPECT_THAT(subjects("a.#.b"), ElementsAre("a", "a.>"));
  EXPECT_THAT(subjects("a.#.#"), ElementsAre("a", "a.>"));
  EXPECT_THAT(subjects("x*.#"), ElementsAre("x*", "x*.>"));
  for (const char* key : {"", "a..b", "a.>", ">", "a b", "a.#. ", "\xff"})
    EXPECT_THAT(subjects(key), ElementsAre("none")) << key;
}

TEST(Subject, ALiteralKeyHasNoWildcards) {
  EXPECT_EQ(filter_of("a.b*", true), "a.b*");
  for (const char* key : {"a.*", "#", "a.#", ">"}) EXPECT_EQ(filter_of(key, true), std::nullopt) << key;
}

TEST(Subject, OfTheServersForm) {
  EXPECT_EQ(filter_of_subject(">"), "*.#");
  EXPECT_EQ(filter_of_subject("a.>"), "a.*.#");
  EXPECT_EQ(filter_of_subject("a.*.b"), "a.*.b");
  for (const char* subject : {"", "a.>.b", "#", "a..b", "a b", ">.a"})
    EXPECT_EQ(filter_of_subject(subject), std::nullopt) << subject;
}

TEST(Subject, Internal) {
  for (const char* subject : {"$SYS.x", "$JS.API", "_INBOX.a", "_INBOX"}) EXPECT_TRUE(is_internal(subject)) << subject;
  for (const char* subject : {"a.$SYS", "_INBOXES.a", "a._INBOX"}) EXPECT_FALSE(is_internal(subject)) << subject;
}

std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find('.');
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// As a server does it.
bool server_matches(std::string_view subscribed, std::string_view subject) {
  const auto a = tokens_of(subscribed), b = tokens_of(subject);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == ">") return b.size() > i;
    if (i >= b.size() || (a[i] != "*" && a[i] != b[i])) return false;
  }
  return a.size() == b.size();
}

bool gateway_matches(const std::string& pattern, const std::string& key) {
  dragoman::hub::KeyTree<int> tree;
  tree.insert(pattern) = 1;
  bool found = false;
  tree.match(key, [&](int) { found = true; });
  return found;
}

std::string random_key(std::mt19937& random, const std::vector<std::string>& tokens) {
  std::string out;
  for (std::size_t n = 1 + random() % 4; n-- > 0;) {
    if (!out.empty()) out += '.';
    out += tokens[random() % tokens.size()];
  }
  return out;
}

// What a wildcard at the first token gets of internal subjects is left out when it comes.
bool received(const std::string& filter, const std::string& subscribed, const std::string& subject) {
  return server_matches(subscribed, subject) &&
         !(subject_filters.is_wildcard(subject_filters.first_level(filter)) && is_internal(subject));
}

TEST(Subject, WhateverIsWantedComesOnce) {
  std::mt19937 random(11);
  for (int round = 0; round < 4000; ++round) {
    buses::FilterSet set(subject_filters, {});
    std::vector<std::string> patterns;
    for (std::size_t n = 1 + random() % 6; n-- > 0;) {
      patterns.push_back(random_key(random, {"a", "b", "*", "#", "_INBOX"}));
      set.add(filter_of(patterns.back(), false).value());
    }
    set.apply();
    for (int i = 0; i < 20; ++i) {
      const std::string key = random_key(random, {"a", "b", "c", "_INBOX"});
      int times = 0;
      for (const std::string& filter : set.all())
        for (const std::string& subscribed : subjects_of(filter)) times += received(filter, subscribed, key);
      EXPECT_LE(times, 1) << key;
      for (const std::string& pattern : patterns) {
        const bool named = !is_internal(key) || !subject_filters.is_wildcard(subject_filters.first_level(pattern));
        if (named && gateway_matches(pattern, key)) EXPECT_EQ(times, 1) << pattern << " " << key;
      }
    }
  }
}

}  // namespace
}  // namespace nats
