// SPDX-License-Identifier: Apache-2.0
// What a reload would change: two configurations compared, thing by thing, with what follows for those that use one
// another.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/configuration.hpp"

namespace dragoman::config {

enum class Change {
  kept,     // the same, and all that it uses is the same
  changed,  // under the same name, but not the same or on something that is not the same
  added,
  removed
};
const char* name(Change change);

using Changes = std::map<std::string, Change>;  // by name

struct Difference {
  // What cannot be changed while the gateway runs; one sentence each.
  std::vector<std::string> refused;
  Changes listeners, buses, journals, upstreams, authenticators, mounts, translations;
  // Listeners that are kept, with their names before.
  std::map<std::string, std::string> listeners_before;
};

// A listener is kept while its address is, whatever it is called: all else of it counts for the next connection. One
// whose port the system chooses is known by its name too. A static authenticator is
// always kept, since its tokens change one by one. Mounts send their next request to the upstream that has changed.
Difference compare(const Configuration& before, const Configuration& after);

}  // namespace dragoman::config
