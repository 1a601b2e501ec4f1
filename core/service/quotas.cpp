// SPDX-License-Identifier: Apache-2.0
#include "service/quotas.hpp"

namespace dragoman::service {
namespace {

constexpr std::uint32_t minute_ms = 60'000;
constexpr std::uint32_t full_retry_s = 5;

void count_down(std::unordered_map<std::string, std::uint32_t>& counts, const std::string& of, std::uint32_t by = 1) {
  const auto found = counts.find(of);
  if (found == counts.end()) return;
  if (found->second <= by)
    counts.erase(found);
  else
    found->second -= by;
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
  bool tell = false;
  {
    const std::lock_guard lock(mutex_);
    const auto elsewhere = elsewhere_.find(user);
    const std::uint64_t others = elsewhere == elsewhere_.end() ? 0 : elsewhere->second;
    const auto here = users_.find(user);
    if ((here == users_.end() ? 0 : here->second) + others >= limits_.per_user) {
      count_refusal(Quota::connections_per_user);
      return false;
    }
    ++users_[user];
    tell = note_change(user);
  }
  if (tell) changed_();
  return true;
}

void Quotas::remove_user(const std::string& user) {
  if (!limits_.per_user) return;
  bool tell = false;
  {
    const std::lock_guard lock(mutex_);
    count_down(users_, user);
    tell = note_change(user);
  }
  if (tell) changed_();
}

bool Quotas::note_change(const std::string& user) {
  if (!changed_) return false;
  const bool first = changed_users_.empty();
  changed_users_.insert(user);
  return first;
}

Quotas::Users Quotas::take_changed() {
  const std::lock_guard lock(mutex_);
  Users out;
  out.reserve(changed_users_.size());
  for (const std::string& user : changed_users_) {
    const auto found = users_.find(user);
    out.emplace_back(user, found == users_.end() ? 0 : found->second);
  }
  changed_users_.clear();
  return out;
}

Quotas::Users Quotas::users() {
  const std::lock_guard lock(mutex_);
  return {users_.begin(), users_.end()};
}

void Quotas::set_elsewhere(const std::string& node, const std::string& user, std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  Counts& there = by_node_[node];
  const auto before = there.find(user);
  if (before != there.end()) {
    count_down(elsewhere_, user, before->second);
    there.erase(before);
  }
  if (!count || there.size() >= most_users_elsewhere) return;
  there.emplace(user, count);
  elsewhere_[user] += count;
}

void Quotas::forget_elsewhere(const std::string& node) {
  const std::lock_guard lock(mutex_);
  const auto found = by_node_.find(node);
  if (found == by_node_.end()) return;
  for (const auto& [user, count] : found->second) count_down(elsewhere_, user, count);
  by_node_.erase(found);
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
