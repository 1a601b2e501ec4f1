// SPDX-License-Identifier: Apache-2.0
#include "base/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace dragoman::base {
namespace {

struct Alarm {
  int fired = 0;
  Timer timer{[](void* self) { ++static_cast<Alarm*>(self)->fired; }, this};
};

TEST(TimerWheel, FiresOnceAndNeverEarly) {
  TimerWheel wheel(1000);
  Alarm a;
  wheel.arm(a.timer, 1120);
  wheel.advance(1119);
  EXPECT_EQ(a.fired, 0);
  EXPECT_TRUE(a.timer.armed());
  wheel.advance(1150);
  EXPECT_EQ(a.fired, 1);
  wheel.advance(100000);
  EXPECT_EQ(a.fired, 1);
  EXPECT_EQ(wheel.armed(), 0u);
}

TEST(TimerWheel, LongerThanOneRoundWaitsForItsRound) {
  TimerWheel wheel(0);
  Alarm a;
  const std::int64_t due = TimerWheel::tick_ms * 1024 * 3 + 10;
  wheel.arm(a.timer, due);
  for (std::int64_t now = 0; now < due; now += TimerWheel::tick_ms) wheel.advance(now);
  EXPECT_EQ(a.fired, 0);
  wheel.advance(due + TimerWheel::tick_ms);
  EXPECT_EQ(a.fired, 1);
}

TEST(TimerWheel, ArmingAgainMovesItAndDestroyingCancels) {
  TimerWheel wheel(0);
  auto a = std::make_unique<Alarm>();
  wheel.arm(a->timer, 100);
  wheel.arm(a->timer, 500);
  EXPECT_EQ(wheel.armed(), 1u);
  wheel.advance(400);
  EXPECT_EQ(a->fired, 0);
  a.reset();
  EXPECT_EQ(wheel.armed(), 0u);
  wheel.advance(1000);
}

TEST(TimerWheel, TimersMayCancelAndRearmEachOtherWhileFiring) {
  struct Pair {
    TimerWheel* wheel = nullptr;
    int first = 0, second = 0, again = 0;
    Timer a{[](void* s) {
              auto* p = static_cast<Pair*>(s);
              ++p->first;
              p->wheel->cancel(p->b);
              p->wheel->arm(p->c, 700);
            },
            this};
    Timer b{[](void* s) {
              auto* p = static_cast<Pair*>(s);
              ++p->second;
              p->wheel->cancel(p->a);
              p->wheel->arm(p->c, 700);
            },
            this};
    Timer c{[](void* s) { ++static_cast<Pair*>(s)->again; }, this};
  } pair;
  TimerWheel wheel(0);
  pair.wheel = &wheel;
  wheel.arm(pair.a, 200);
  wheel.arm(pair.b, 200);
  wheel.advance(300);
  EXPECT_EQ(pair.first + pair.second, 1) << "whichever came first cancelled the other";
  wheel.advance(800);
  EXPECT_EQ(pair.again, 1);
}

TEST(TimerWheel, EveryTimerFiresInTheFirstAdvanceAfterItsTime) {
  TimerWheel wheel(0);
  std::mt19937 random(7);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<std::int64_t> due;
  for (int i = 0; i < 3000; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    due.push_back(static_cast<std::int64_t>(random() % 200000));
    wheel.arm(alarms.back()->timer, due.back());
  }
  for (std::int64_t now = 0; now <= 201000; now += static_cast<std::int64_t>(random() % 3000)) {
    wheel.advance(now);
    for (std::size_t i = 0; i < due.size(); ++i) {
      const int fired = alarms[i]->fired;
      if (due[i] > now) {
        ASSERT_EQ(fired, 0);
      }
      if (due[i] + 2 * TimerWheel::tick_ms <= now) {
        ASSERT_EQ(fired, 1);
      }
    }
  }
}

}  // namespace
}  // namespace dragoman::base
