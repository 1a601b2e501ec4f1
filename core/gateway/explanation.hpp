// SPDX-License-Identifier: Apache-2.0
// What becomes of one event: which translations take it, what they make, and which mounts hear of it all.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "event/event.hpp"

namespace dragoman::gateway {

struct World;

// A mount that takes an event.
struct ExplainedMount {
  std::string mount, plugin;
  enum class Way {
    direct,  // sessions that subscribed to the event's channel and key
    mapped,  // the dialect makes events of its own of it: `keys`
    stored,  // it keeps it in the mount's journal before it tells its sessions
    silent,  // it makes nothing of it, or asks elsewhere first
  } way = Way::direct;
  std::vector<std::pair<std::string, std::string>> keys;  // channel and key that sessions subscribe to
};

struct ExplainedEvent {
  std::string bus;
  event::EventPtr event;
  std::vector<ExplainedMount> mounts;
};

struct ExplainedRule {
  std::string name;
  bool matched = false;
  std::string why;  // it has not
  struct Output {
    std::string outcome;  // "made", or why not
    ExplainedEvent made;  // without an event unless it was made
  };
  std::vector<Output> outputs;
};

struct Explanation {
  ExplainedEvent source;
  std::vector<ExplainedRule> rules;  // all, in their order
};

// The world has configured mounts; on the thread of the first shard. bus: empty: the only one. Throws StartError if
// there is no such bus.
Explanation explain_event(const World& world, const std::string& bus, const event::EventPtr& event);

}  // namespace dragoman::gateway
