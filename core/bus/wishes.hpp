// SPDX-License-Identifier: Apache-2.0
// What the mounts want of one bus, counted: the broker hears of each wish once however many ask, and of many changes at
// once. Any thread.
#pragma once
#include <map>
#include <mutex>

#include "bus/bus.hpp"

namespace dragoman::bus {

class Wishes {
 public:
  // The bus outlives it.
  explicit Wishes(Bus& bus) : bus_(bus) {}

  // True: flush() is to be called soon, by this caller.
  bool add(const Wish& wish) { return change(wish, 1); }
  bool remove(const Wish& wish) { return change(wish, -1); }
  // Tells the bus what has changed in sum.
  void flush();
  // Different ones that are wanted.
  std::size_t size() const;

 private:
  struct Count {
    long now = 0;       // of those who ask
    bool told = false;  // the bus knows
  };
  bool change(const Wish& wish, long by);

  Bus& bus_;
  mutable std::mutex mutex_;
  std::mutex telling_;  // keeps what the bus hears in order
  std::map<Wish, Count> counts_;
  std::vector<Wish> changed_;
  bool flush_due_ = false;
};

}  // namespace dragoman::bus
