// SPDX-License-Identifier: Apache-2.0
// Quotas of users over all nodes: each tells the others how many sessions a user has with it, a moment after that has
// changed. In that moment a user can get past the quota on several nodes at once. On the thread of Nodes.
#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/shard_mount.hpp"
#include "service/nodes.hpp"

namespace dragoman::gateway {

class NodeQuotas {
 public:
  // Before nodes.start(), which outlives it.
  explicit NodeQuotas(service::Nodes& nodes);
  NodeQuotas(const NodeQuotas&) = delete;
  NodeQuotas& operator=(const NodeQuotas&) = delete;

  // Before the mount's first session. Another of that name takes the place of the one before. Without such a quota the
  // mount is left out. Any thread.
  void add(const MountShared& mount);

 private:
  struct Shared {
    service::Quotas quotas;                                // counts with those of the mount
    std::uint64_t told = 0;                                // number of the last message to all
    std::unordered_map<std::string, std::uint64_t> heard;  // the same of other nodes, by id
  };
  void tell_changes();
  // What was said so far, so that others notice what they have missed.
  void tell_numbers();
  void tell_all(const std::string& mount, Shared& shared, const std::string& node);
  void news(const std::string& node, const boost::json::object& body);
  void hear_numbers(const std::string& node, const boost::json::object& numbers);
  void hear_users(const std::string& node, Shared& shared, const boost::json::object& body);
  void left(const std::string& node);

  service::Nodes& nodes_;
  base::Timer timer_;
  std::map<std::string, Shared, std::less<>> mounts_;  // by name
};

}  // namespace dragoman::gateway
