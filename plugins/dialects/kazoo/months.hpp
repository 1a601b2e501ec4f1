// SPDX-License-Identifier: Apache-2.0
// The months whose databases are watched: the present one, and the next, so that nothing is missed although the clock
// is looked at only now and then. One thread.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "key_encoding.hpp"

namespace kazoo {

class Months {
 public:
  // now_s: Unix time. True: they are others than before.
  bool look(std::int64_t now_s) {
    std::array<std::string, 2> now{month_of(now_s), month_of(now_s, 1)};
    if (now == names_) return false;
    names_ = std::move(now);
    return true;
  }
  // "202403"; empty texts before the first look.
  std::span<const std::string> names() const { return names_; }

 private:
  std::array<std::string, 2> names_;
};

}  // namespace kazoo
