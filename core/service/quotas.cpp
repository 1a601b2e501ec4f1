// SPDX-License-Identifier: Apache-2.0
#include "service/quotas.hpp"

namespace dragoman::service {
namespace {

constexpr std::uint32_t minute_ms = 60'000;
constexpr std::uint32_t full_retry_s = 5;

void count_down(std::unordered_map<std::string, std::uint32_t>& counts, const std::string& of) {
  const auto found = counts.find(of);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

}  // namespace

const char* name(Quota quota) {
  static constexpr const char* names[] = {"connections", "connections_per_address", "connections_per_minute",
                                          "connections_per_user", "messages_per_second"};
  return names[static_cast<std::size_t>(quota)];
}

Quotas::Verdict Quotas::refuse(Quota quota, std::uint32_t retry_after_s) {
  count_refusal(quota);
  return {false, quota, retry_after_s};
}

Quotas::Verdict Quotas::admit(std::string_view address, std::int64_t now_ms) {
  if (limits_.per_minute || limits_.per_address) {
    const std::lock_guard lock(mutex_);
    std::uint32_t wait_ms = 0;
    if (limits_.per_minute && !attempt(address, now_ms, wait_ms))
      return refuse(Quota::connections_per_minute, (wait_ms + 999) / 1000);
    if (limits_.per_address) {
      std::uint32_t& count = addresses_[std::string(address)];
      if (count >= limits_.per_address) return refuse(Quota::connections_per_address, full_retry_s);
      ++count;
    }
  }
  const std::uint32_t before = sessions_.fetch_add(1, std::memory_order_relaxed);
  if (!limits_.connections || before < limits_.connections) return {};
  leave(address);
  return refuse(Quota::connections, full_retry_s);
}

void Quotas::leave(std::string_view address) {
  sessions_.fetch_sub(1, std::memory_order_relaxed);
  if (!limits_.per_address) return;
  const std::lock_guard lock(mutex_);
  count_down(addresses_, std::string(address));
}

bool Quotas::add_user(const std::string& user) {
  if (!limits_.per_user) return true;
  const std::lock_guard lock(mutex_);
  std::uint32_t& count = users_[user];
  if (count >= limits_.per_user) {
    count_refusal(Quota::connections_per_user);
    return false;
  }
  ++count;
  return true;
}

void Quotas::remove_user(const std::string& user) {
  if (!limits_.per_user) return;
  const std::lock_guard lock(mutex_);
  count_down(users_, user);
}

bool Quotas::attempt(std::string_view address, std::int64_t now_ms, std::uint32_t& wait_ms) {
  const auto known = attempts_of_.find(address);
  if (known != attempts_of_.end()) {
    attempts_.splice(attempts_.begin(), attempts_, known->second);
  } else {
    attempts_.push_front({std::string(address), {}});
    attempts_of_.emplace(attempts_.front().address, attempts_.begin());
  }
  base::SlidingWindow& window = attempts_.front().window;
  attempts_kept_ -= window.size();
  const bool taken = window.take(now_ms, limits_.per_minute, minute_ms);
  if (!taken) wait_ms = window.wait_ms(minute_ms);
  attempts_kept_ += window.size();
  while (attempts_.size() > 1 && (attempts_kept_ > most_attempts || attempts_.size() > most_addresses)) forget_oldest();
  return taken;
}

void Quotas::forget_oldest() {
  attempts_kept_ -= attempts_.back().window.size();
  attempts_of_.erase(attempts_.back().address);
  attempts_.pop_back();
}

}  // namespace dragoman::service
