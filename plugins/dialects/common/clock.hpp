// SPDX-License-Identifier: Apache-2.0
// The present time. Any thread.
#pragma once
#include <chrono>
#include <cstdint>

namespace dialects {

// Unix milliseconds.
inline std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}
// Milliseconds of a clock that never goes back.
inline std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace dialects
