// SPDX-License-Identifier: Apache-2.0
#include "cli/watchdog.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/log.hpp"
#include "cli/process.hpp"

namespace dragoman::cli {
namespace {

std::optional<std::int64_t> positive(const char* text) {
  std::int64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, value);
  return error == std::errc() && rest == end && value > 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::microseconds> watchdog_deadline() {
  const char* deadline = std::getenv("WATCHDOG_USEC");
  const char* process = std::getenv("WATCHDOG_PID");
  if (!deadline || (process && positive(process) != ::getpid())) return std::nullopt;
  const auto microseconds = positive(deadline);
  return microseconds ? std::optional(std::chrono::microseconds(*microseconds)) : std::nullopt;
}

Watchdog::Watchdog(std::function<bool()> alive) : alive_(std::move(alive)) {
  if (const auto deadline = watchdog_deadline()) thread_ = std::thread([this, i = *deadline / 4] { run(i); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::run(std::chrono::microseconds interval) {
  bool well = true;
  std::unique_lock lock(mutex_);
  do {
    const bool alive = alive_();
    if (alive) notify_supervisor("WATCHDOG=1");
    if (alive != well)
      base::log(base::LogLevel::warn, alive ? "the shards go on" : "a shard does not go on; the watchdog is not told");
    well = alive;
  } while (!ended_.wait_for(lock, interval, [this] { return end_; }));
}

}  // namespace dragoman::cli
