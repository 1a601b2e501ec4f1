// SPDX-License-Identifier: Apache-2.0
#include "base/timer_wheel.hpp"

#include <algorithm>

namespace dragoman::base {

Timer::~Timer() {
  if (wheel_) wheel_->cancel(*this);
}

void TimerWheel::unlink(Timer& timer) {
  *timer.link_ = timer.next_;
  if (timer.next_) timer.next_->link_ = timer.link_;
  timer.next_ = nullptr;
  timer.link_ = nullptr;
}

void TimerWheel::arm(Timer& timer, std::int64_t due_ms) {
  cancel(timer);
  timer.tick_ = std::max((due_ms + tick_ms - 1) / tick_ms, now_tick_ + 1);
  Timer*& head = slot_[static_cast<std::size_t>(timer.tick_) % slots];
  timer.next_ = head;
  if (head) head->link_ = &timer.next_;
  timer.link_ = &head;
  head = &timer;
  timer.wheel_ = this;
  ++armed_;
}

void TimerWheel::cancel(Timer& timer) {
  if (!timer.wheel_) return;
  unlink(timer);
  timer.wheel_ = nullptr;
  --armed_;
}

void TimerWheel::advance(std::int64_t now_ms) {
  const std::int64_t target = now_ms / tick_ms;
  // After a long pause every slot is visited once, not once per tick that was missed.
  now_tick_ = std::max(now_tick_, target - static_cast<std::int64_t>(slots));
  while (now_tick_ < target) {
    ++now_tick_;
    Timer*& head = slot_[static_cast<std::size_t>(now_tick_) % slots];
    // The due ones move to a list of their own first: whatever a timer does to its neighbours then happens in one list
    // or the other.
    Timer* due = nullptr;
    for (Timer* t = head; t;) {
      Timer* next = t->next_;
      if (t->tick_ <= target) {
        unlink(*t);
        t->next_ = due;
        if (due) due->link_ = &t->next_;
        t->link_ = &due;
        due = t;
      }
      t = next;
    }
    while (due) {
      Timer* t = due;
      unlink(*t);
      t->wheel_ = nullptr;
      --armed_;
      t->fire_(t->owner_);
    }
  }
}

}  // namespace dragoman::base
