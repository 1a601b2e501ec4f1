// SPDX-License-Identifier: Apache-2.0
// Many coarse timers, each a few words inside its owner: arming and cancelling cost a list operation and no memory.
// One thread. Time is given from outside, so tests have their own clock.
#pragma once
#include <array>
#include <cstdint>

namespace dragoman::base {

class TimerWheel;

// Lives inside its owner; destroying it cancels it.
class Timer {
 public:
  using Fire = void (*)(void* owner);
  Timer(Fire fire, void* owner) : fire_(fire), owner_(owner) {}
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  bool armed() const { return wheel_ != nullptr; }

 private:
  friend class TimerWheel;
  Timer* next_ = nullptr;
  Timer** link_ = nullptr;  // the pointer that points here
  TimerWheel* wheel_ = nullptr;
  std::int64_t tick_ = 0;
  Fire fire_;
  void* owner_;
};

class TimerWheel {
 public:
  static constexpr std::int64_t tick_ms = 50;

  explicit TimerWheel(std::int64_t now_ms) : now_tick_(now_ms / tick_ms) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Fires at the first advance() at or after due_ms (monotonic), never earlier. Arming again moves it.
  void arm(Timer& timer, std::int64_t due_ms);
  void cancel(Timer& timer);
  // Fires what is due; timers may arm, cancel and destroy themselves and others meanwhile.
  void advance(std::int64_t now_ms);
  std::size_t armed() const { return armed_; }

 private:
  friend class Timer;
  static constexpr std::size_t slots = 1024;
  void unlink(Timer& timer);

  std::array<Timer*, slots> slot_{};
  std::int64_t now_tick_;
  std::size_t armed_ = 0;
};

}  // namespace dragoman::base
