// SPDX-License-Identifier: Apache-2.0
// Addresses of a host without blocking on a name server for longer than the caller likes. Any thread but a shard's.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace buses {

// Numeric addresses, best first, at most 8. go_on: asked every few milliseconds. Throws std::runtime_error.
std::vector<std::string> resolve(const std::string& host, const std::function<bool()>& go_on);

}  // namespace buses
