// SPDX-License-Identifier: Apache-2.0
// How many sessions a mount may have: in all, of an address, of a user, and how fast an address may come back. Exact
// over all shards. Any thread: asked when a session begins and ends and when it is known whose it is, never in between.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/sliding_window.hpp"

namespace dragoman::service {

enum class Quota : std::uint8_t {
  connections,
  connections_per_address,
  connections_per_minute,
  connections_per_user,
  messages_per_second,
  count
};
// As the limit is called in the configuration.
const char* name(Quota quota);

// 0: no limit.
struct QuotaLimits {
  std::uint32_t connections = 0, per_address = 0, per_minute = 0, per_user = 0;
};

class Quotas {
 public:
  // For the attempts of the last minute, of all addresses together: about 20 MB. When there are more, the address that
  // was away longest is forgotten.
  static constexpr std::size_t most_attempts = 1'000'000;
  static constexpr std::size_t most_addresses = 100'000;
  // Of another node.
  static constexpr std::size_t most_users_elsewhere = 1'000'000;

  // Before the first session.
  void set(const QuotaLimits& limits) { limits_ = limits; }
  // The same, to count together with `other`: what takes its place has its sessions until they have ended.
  void share(const Quotas& other) { counts_ = other.counts_; }

  struct Verdict {
    bool admitted = true;
    Quota quota = Quota::count;       // the one that is full
    std::uint32_t retry_after_s = 0;  // when to try again, at least 1 if it is known
  };
  // Counts a session in unless a quota is full. address: what stands for the client's address.
  Verdict admit(std::string_view address, std::int64_t now_ms);
  // The end of an admitted session.
  void leave(std::string_view address);
  // False at the limit.
  bool add_user(const std::string& user);
  void remove_user(const std::string& user);

  // Users have sessions on other nodes too, which count from when they are known here.
  using Users = std::vector<std::pair<std::string, std::uint32_t>>;
  // Before the first session of a user that is counted; the first counts. changed: called, on any thread, when
  // take_changed() has something again.
  void share_users(std::function<void()> changed) {
    const std::lock_guard lock(counts_->mutex);
    if (!counts_->changed) counts_->changed = std::move(changed);
  }
  // The sessions here of users whose number has changed since the last call.
  Users take_changed();
  // Of all users.
  Users users();
  // 0: none any more.
  void set_elsewhere(const std::string& node, const std::string& user, std::uint32_t count);
  void forget_elsewhere(const std::string& node);

  bool limits_addresses() const { return limits_.per_address != 0; }
  bool limits_users() const { return limits_.per_user != 0; }
  std::uint32_t sessions() const { return counts_->sessions.load(std::memory_order_relaxed); }

  void count_refusal(Quota quota) {
    refusals_[static_cast<std::size_t>(quota)].fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t refusals(Quota quota) const {
    return refusals_[static_cast<std::size_t>(quota)].load(std::memory_order_relaxed);
  }

 private:
  struct Attempts {
    std::string address;
    base::SlidingWindow window;
  };
  bool attempt(std::string_view address, std::int64_t now_ms, std::uint32_t& wait_ms);
  void forget_oldest();
  // With the lock. True: changed_ is to be called, without it.
  bool note_change(const std::string& user);
  Verdict refuse(Quota quota, std::uint32_t retry_after_s);

  QuotaLimits limits_;
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Quota::count)> refusals_{};

  using Numbers = std::unordered_map<std::string, std::uint32_t>;
  struct Counts {
    std::atomic<std::uint32_t> sessions{0};
    std::mutex mutex;  // of the rest
    Numbers addresses, users;
    Numbers elsewhere;                                 // of all other nodes together
    std::unordered_map<std::string, Numbers> by_node;  // the same, one by one
    std::unordered_set<std::string> changed_users;
    std::function<void()> changed;
    std::list<Attempts> attempts;  // the one seen last in front
    std::unordered_map<std::string_view, std::list<Attempts>::iterator> attempts_of;
    std::size_t attempts_kept = 0;
  };
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace dragoman::service
