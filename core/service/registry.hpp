// SPDX-License-Identifier: Apache-2.0
// What the dialect of a mount tells of its sessions (ext/registry.h). Shared by all shards; any thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dragoman::service {

struct Registered {
  std::uint64_t session = 0;
  std::string id, group, data;
};
using RegisteredPtr = std::shared_ptr<const Registered>;

class Registry {
 public:
  // Replaces what is known of the session. False: another session has that id.
  bool put(Registered entry);
  // False if nothing is known of it.
  bool remove(std::uint64_t session);

  // In the order in which they were first put.
  std::vector<RegisteredPtr> all() const;
  std::vector<RegisteredPtr> of_group(std::string_view group) const;
  // Null if there is none.
  RegisteredPtr find(std::string_view id) const;
  RegisteredPtr of_session(std::uint64_t session) const;
  std::size_t size() const;

 private:
  using Order = std::uint64_t;
  struct Place {
    Order order;
    std::string id, group;
  };
  using Entries = std::map<Order, RegisteredPtr>;

  mutable std::mutex mutex_;
  Order last_ = 0;
  Entries entries_;
  std::unordered_map<std::uint64_t, Place> sessions_;
  std::map<std::string, Order, std::less<>> ids_;
  std::map<std::string, Entries, std::less<>> groups_;
};

}  // namespace dragoman::service
