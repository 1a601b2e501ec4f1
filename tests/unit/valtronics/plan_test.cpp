// SPDX-License-Identifier: Apache-2.0
// valtronics digest 4.1 and 4.3: what subscriptions together let through, once per event for all that have the same.
#include "plan.hpp"
#include "common/json_string.hpp"

#include <gtest/gtest.h>

#include "device_states.hpp"

namespace valtronics {
namespace {

struct Message {
  MetricWriter writer{"{"};
  explicit Message(std::initializer_list<const char*> names) {
    for (const char* name : names) writer.add(dialects::quote(name), "1");
    writer.finish("}");
  }
  MetricMessage view() const { return {writer.body(), writer.places()}; }
};

Filter metrics(Values names, std::uint32_t interval_ms = 0) {
  return {std::move(names), {}, {}, {}, interval_ms};
}

TEST(ValtronicsPlan, UnionOfOverlappingSubscriptions) {
  Plan plan({{{}, metrics({R"("a")"})}, {{"1"}, metrics({R"("b")"})}, {{"2"}, metrics({})}});
  const Message message{"a", "b", "c"};
  const MetricMessage view = message.view();
  EXPECT_EQ(plan.judge(1, {"1", "", "", "", &view}).now, (Mask{true, true, false}));
  EXPECT_EQ(plan.judge(2, {"2", "", "", "", &view}).now, (Mask{true, true, true}));
  EXPECT_EQ(plan.judge(3, {"3", "", "", "", &view}).now, (Mask{true, false, false}));
}

TEST(ValtronicsPlan, AMessageLeftEmptyIsNotWanted) {
  Plan plan({{{"1"}, metrics({R"("a")"})}});
  const Message message{"b"};
  const MetricMessage view = message.view();
  EXPECT_FALSE(plan.judge(1, {"1", "", "", "", &view}).wanted);
}

TEST(ValtronicsPlan, DelayedSubscriptionsAreApart) {
  Plan plan({{{}, metrics({R"("a")"})}, {{"1"}, metrics({}, 1000)}});
  EXPECT_TRUE(plan.delays());
  const Message message{"a", "b"};
  const MetricMessage view = message.view();
  const Verdict& verdict = plan.judge(1, {"1", "", "", "", &view});
  EXPECT_EQ(verdict.now, (Mask{true, false}));
  ASSERT_EQ(verdict.delayed.size(), 1u);
  EXPECT_EQ(verdict.delayed[0].subscription, 1u);
  EXPECT_EQ(verdict.delayed[0].metrics, (Mask{true, true}));
}

TEST(ValtronicsPlan, AlertsAndStates) {
  Plan alerts({{{"1"}, {{}, {"critical"}, {"threshold"}, {}, 0}}});
  std::uint64_t sequence = 0;
  const auto wanted = [&](Plan& plan, Facts facts) { return plan.judge(++sequence, facts).wanted; };
  EXPECT_TRUE(wanted(alerts, {"1", "critical", "threshold", "", nullptr}));
  EXPECT_FALSE(wanted(alerts, {"2", "critical", "threshold", "", nullptr}));
  EXPECT_FALSE(wanted(alerts, {"1", "info", "threshold", "", nullptr}));
  EXPECT_FALSE(wanted(alerts, {"1", "critical", "anomaly", "", nullptr}));
  Plan devices({{{}, {{}, {}, {}, {"offline"}, 0}}});
  EXPECT_TRUE(wanted(devices, {"1", "", "", "offline", nullptr}));
  EXPECT_FALSE(wanted(devices, {"1", "", "", "online", nullptr}));
}

TEST(ValtronicsPlan, DevicesToHearOf) {
  EXPECT_EQ(Plan({{{"2", "1"}, {}}, {{"3"}, {}}}).devices(8), (Values{"1", "2", "3"}));
  EXPECT_EQ(Plan({{{}, {}}, {{"3"}, {}}}).devices(8), Values());
  EXPECT_EQ(Plan({{{"1", "2", "3"}, {}}}).devices(2), Values());
}

TEST(ValtronicsPlan, EqualPlansAreOneUntilNobodyHasThem) {
  PlanPool pool;
  const auto first = pool.get({{{"1"}, metrics({R"("a")"})}});
  EXPECT_EQ(first, pool.get({{{"1"}, metrics({R"("a")"})}}));
  EXPECT_NE(first, pool.get({{{"1"}, metrics({R"("b")"})}}));
  for (int i = 0; i < 1000; ++i) pool.get({{{std::to_string(i)}, {}}});
  EXPECT_LE(pool.size(), 200u);
}

TEST(ValtronicsMetrics, PartsFitTogether) {
  const Message message{"a", "b\"", "c"};
  const MetricMessage view = message.view();
  ASSERT_EQ(view.size(), 3u);
  EXPECT_EQ(view.head(), "{");
  EXPECT_EQ(view.tail(), "}");
  EXPECT_EQ(view.name(1), R"("b\"")");
  EXPECT_EQ(view.member(1), R"("b\"":1)");
}

TEST(ValtronicsMetrics, BrokenPlacesAreNone) {
  for (const char* places : {"1", "1 2", "3 2 1 ", "1 2 99 ", "x", "1 2 3 2 3 4 ", "-1 2 3 "})
    EXPECT_EQ(MetricMessage("{\"a\":1}", places).size(), 0u) << places;
}

TEST(ValtronicsStates, WhatWasHeardOfLeastRecentlyIsForgotten) {
  DeviceStates states(2);
  states.touch("1").status = "online";
  states.touch("2").status = "online";
  states.touch("1");
  states.touch("3");
  EXPECT_EQ(states.find("1")->status, "online");
  EXPECT_FALSE(states.find("2"));
  EXPECT_TRUE(states.find("3"));
}

}  // namespace
}  // namespace valtronics
