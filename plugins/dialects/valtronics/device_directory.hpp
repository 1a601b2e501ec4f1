// SPDX-License-Identifier: Apache-2.0
// The devices that the platform's API lists (valtronics digest section 7). On the home shard.
#pragma once
#include <cstdint>
#include <dragoman/sdk.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "settings.hpp"

namespace valtronics {

namespace sdk = dragoman::sdk;

// The codes and numbers of a list, which is an array or the member `items`, `devices` or `data` of an object. Entries
// without both are left out. Nothing: it is no list.
std::optional<std::map<std::string, std::uint64_t>> parse_devices(std::string_view body);

class DeviceDirectory {
 public:
  // null: there was no answer that is understood.
  using Answered = std::function<void(const std::map<std::string, std::uint64_t>*)>;

  // settings: outlive this.
  DeviceDirectory(sdk::Host host, const Settings& settings) : host_(host), settings_(settings) {}

  // A code was met that is not known. Asks, unless that happens already or happened lately; false: it does not ask.
  bool ask(Answered answered);

 private:
  sdk::Host host_;
  const Settings& settings_;
  bool asking_ = false;
  std::int64_t again_ms_ = 0;
};

}  // namespace valtronics
