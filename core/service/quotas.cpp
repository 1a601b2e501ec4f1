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
    const std::lock_guard lock(counts_->mutex);
    std::uint32_t wait_ms = 0;
    if (limits_.per_minute && !attempt(address, now_ms, wait_ms))
      return refuse(Quota::connections_per_minute, (wait_ms + 999) / 1000);
    if (limits_.per_address) {
      std::uint32_t& count = counts_->addresses[std::string(address)];
      if (count >= limits_.per_address) return refuse(Quota::connections_per_address, full_retry_s);
      ++count;
    }
  }
  const std::uint32_t before = counts_->sessions.fetch_add(1, std::memory_order_relaxed);
  if (!limits_.connections || before < limits_.connections) return {};
  leave(address);
  return refuse(Quota::connections, full_retry_s);
}

void Quotas::leave(std::string_view address) {
  counts_->sessions.fetch_sub(1, std::memory_order_relaxed);
  if (!limits_.per_address) return;
  const std::lock_guard lock(counts_->mutex);
  count_down(counts_->addresses, std::string(address));
}

bool Quotas::add_user(const std::string& user) {
  if (!limits_.per_user) return true;
  bool tell = false;
  {
    const std::lock_guard lock(counts_->mutex);
    const auto elsewhere = counts_->elsewhere.find(user);
    const std::uint64_t others = elsewhere == counts_->elsewhere.end() ? 0 : elsewhere->second;
    const auto here = counts_->users.find(user);
    if ((here == counts_->users.end() ? 0 : here->second) + others >= limits_.per_user) {
      count_refusal(Quota::connections_per_user);
      return false;
    }
    ++counts_->users[user];
    tell = note_change(user);
  }
  if (tell) counts_->changed();
  return true;
}

void Quotas::remove_user(const std::string& user) {
  if (!limits_.per_user) return;
  bool tell = false;
  {
    const std::lock_guard lock(counts_->mutex);
    count_down(counts_->users, user);
    tell = note_change(user);
  }
  if (tell) counts_->changed();
}

bool Quotas::note_change(const std::string& user) {
  if (!counts_->changed) return false;
  const bool first = counts_->changed_users.empty();
  counts_->changed_users.insert(user);
  return first;
}

Quotas::Users Quotas::take_changed() {
  const std::lock_guard lock(counts_->mutex);
  Users out;
  out.reserve(counts_->changed_users.size());
  for (const std::string& user : counts_->changed_users) {
    const auto found = counts_->users.find(user);
    out.emplace_back(user, found == counts_->users.end() ? 0 : found->second);
  }
  counts_->changed_users.clear();
  return out;
}

Quotas::Users Quotas::users() {
  const std::lock_guard lock(counts_->mutex);
  return {counts_->users.begin(), counts_->users.end()};
}

void Quotas::set_elsewhere(const std::string& node, const std::string& user, std::uint32_t count) {
  const std::lock_guard lock(counts_->mutex);
  Numbers& there = counts_->by_node[node];
  const auto before = there.find(user);
  if (before != there.end()) {
    count_down(counts_->elsewhere, user, before->second);
    there.erase(before);
  }
  if (!count || there.size() >= most_users_elsewhere) return;
  there.emplace(user, count);
  counts_->elsewhere[user] += count;
}

void Quotas::forget_elsewhere(const std::string& node) {
  const std::lock_guard lock(counts_->mutex);
  const auto found = counts_->by_node.find(node);
  if (found == counts_->by_node.end()) return;
  for (const auto& [user, count] : found->second) count_down(counts_->elsewhere, user, count);
  counts_->by_node.erase(found);
}

bool Quotas::attempt(std::string_view address, std::int64_t now_ms, std::uint32_t& wait_ms) {
  const auto known = counts_->attempts_of.find(address);
  if (known != counts_->attempts_of.end()) {
    counts_->attempts.splice(counts_->attempts.begin(), counts_->attempts, known->second);
  } else {
    counts_->attempts.push_front({std::string(address), {}});
    counts_->attempts_of.emplace(counts_->attempts.front().address, counts_->attempts.begin());
  }
  base::SlidingWindow& window = counts_->attempts.front().window;
  counts_->attempts_kept -= window.size();
  const bool taken = window.take(now_ms, limits_.per_minute, minute_ms);
  if (!taken) wait_ms = window.wait_ms(minute_ms);
  counts_->attempts_kept += window.size();
  while (counts_->attempts.size() > 1 &&
         (counts_->attempts_kept > most_attempts || counts_->attempts.size() > most_addresses))
    forget_oldest();
  return taken;
}

void Quotas::forget_oldest() {
  counts_->attempts_kept -= counts_->attempts.back().window.size();
  counts_->attempts_of.erase(counts_->attempts.back().address);
  counts_->attempts.pop_back();
}

}  // namespace dragoman::service
