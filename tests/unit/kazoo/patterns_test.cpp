// SPDX-License-Identifier: Apache-2.0
#include "patterns.hpp"

#include <gtest/gtest.h>

namespace kazoo {
namespace {

const std::string one(32, '1'), two(32, '2');

std::shared_ptr<Pattern> pattern(PatternPool& pool, const std::string& text, const std::string& account) {
  const auto binding = std::get<Binding>(parse_binding(text, BindingOptions{{"call", "conference"}}));
  return pool.get(text, account, interests_of(binding, {account, "", {}})[0]);
}

EventFacts event(const std::string& account, const std::string& name, const std::string& call) {
  EventFacts facts;
  facts.account = account;
  facts.name = name;
  facts.call = call;
  return facts;
}

TEST(KazooPatterns, Calls) {
  PatternPool pool;
  const auto any = pattern(pool, "call.CHANNEL_CREATE.*", one);
  EXPECT_TRUE(any->lets_through(event(one, "CHANNEL_CREATE", "c")));
  EXPECT_FALSE(any->lets_through(event(two, "CHANNEL_CREATE", "c")));
  EXPECT_FALSE(any->lets_through(event("", "CHANNEL_CREATE", "c")));
  EXPECT_FALSE(any->lets_through(event(one, "CHANNEL_DESTROY", "c")));
  const auto named = pattern(pool, "call.CHANNEL_CREATE.a%2Eb", one);
  EXPECT_TRUE(named->lets_through(event(one, "CHANNEL_CREATE", "a%2Eb")));
  EXPECT_FALSE(named->lets_through(event(one, "CHANNEL_CREATE", "c")));
  const auto all = pattern(pool, "call.CHANNEL_CREATE.#", "*");
  EXPECT_TRUE(all->lets_through(event(two, "CHANNEL_CREATE", "c")));
  EXPECT_FALSE(all->lets_through(event("", "CHANNEL_CREATE", "c")));
}

TEST(KazooPatterns, CommandsOfAnotherAccountsConference) {
  PatternPool pool;
  const auto command = pattern(pool, "conference.command.C1", one);
  EventFacts facts;
  EXPECT_TRUE(command->lets_through(facts));
  facts.message_account = one;
  EXPECT_TRUE(command->lets_through(facts));
  facts.account = two;
  EXPECT_FALSE(command->lets_through(facts));
  EXPECT_TRUE(pattern(pool, "conference.command.C1", "*")->lets_through(facts));
}

TEST(KazooPatterns, AreSharedAndForgotten) {
  PatternPool pool;
  auto a = pattern(pool, "conference.command.C1", one);
  EXPECT_EQ(pattern(pool, "conference.command.C1", one), a);
  auto b = pattern(pool, "conference.command.C1", two);
  EXPECT_NE(a, b);
  EXPECT_EQ(pool.size(), 2u);
  a.reset();
  b.reset();
  EXPECT_EQ(pool.size(), 0u);
}

}  // namespace
}  // namespace kazoo
