// SPDX-License-Identifier: Apache-2.0
// The sessions of a mount, those included that wait to be closed since it has changed, gathered from all shards and,
// with several nodes, from all nodes. Any thread.
#pragma once
#include <boost/json/array.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/shard.hpp"
#include "service/nodes.hpp"

namespace dragoman::gateway {

struct SessionList {
  boost::json::array sessions;  // as to_json() makes them; with several nodes each has the name of its own as `node`
  std::size_t total = 0;
  bool complete = true;  // false: another node has not answered in time
};
// Comes once, on any thread.
using SessionsDone = std::function<void(SessionList)>;

using Shards = std::vector<std::unique_ptr<Shard>>;

// most: of each node. nodes: null if this gateway is alone. The shards run, and outlive the call.
void list_sessions(const Shards& shards, const std::string& mount, service::Nodes* nodes, std::size_t most,
                   SessionsDone done);
// Lets other nodes list those that are here. Before nodes.start().
void answer_session_lists(service::Nodes& nodes, const Shards& shards);

}  // namespace dragoman::gateway
