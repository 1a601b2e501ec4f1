// SPDX-License-Identifier: Apache-2.0
// One session of a mount, for the admin.
#pragma once
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

namespace dragoman::gateway {

struct SessionReport {
  std::uint64_t session = 0;
  unsigned shard = 0;
  std::string user, account;  // empty until it has authenticated
  std::size_t subscriptions = 0, queued_bytes = 0;
  std::string id, group, data;  // as its dialect says; may be empty
  bool draining = false;        // its mount has changed: it is to end
};

// As the admin API shows it.
boost::json::object to_json(const SessionReport& report);

}  // namespace dragoman::gateway
