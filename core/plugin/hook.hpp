// SPDX-License-Identifier: Apache-2.0
// The calls from the host into a plugin, by name, and what is counted about them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/counter.hpp"

namespace dragoman::plugin {

enum class Hook : std::uint8_t {
  none,
  create,
  configure,
  start,
  stop,
  destroy,
  session_open,
  session_message,
  session_writable,
  session_identity,
  session_close,
  map,
  select,
  encode,
  observe,
  request,
  request_writable,
  request_close,
  auth_done,
  timer_done,
  published,
  journal_done,
  fetch_done,
  session_limited,
  registry_done,
  upgrade,
  session_bus_lost
};
constexpr std::size_t hook_count = static_cast<std::size_t>(Hook::session_bus_lost) + 1;

// As plugin.h and its extensions name it; "no hook" for none.
const char* hook_name(Hook hook);

// Written on the thread of the hook, read on any.
struct HookCounters {
  base::Counter calls;
  base::Counter errors;  // answers below 0 and exceptions
  base::Counter slow;
};

}  // namespace dragoman::plugin
