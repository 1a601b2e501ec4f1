// SPDX-License-Identifier: Apache-2.0
#include "plugin/hook.hpp"

#include <array>

namespace dragoman::plugin {

const char* hook_name(Hook hook) {
  static constexpr std::array<const char*, hook_count> names = {"no hook",
                                                                "create",
                                                                "configure",
                                                                "start",
                                                                "stop",
                                                                "destroy",
                                                                "session_open",
                                                                "session_message",
                                                                "session_writable",
                                                                "session_identity",
                                                                "session_close",
                                                                "map",
                                                                "select",
                                                                "encode",
                                                                "observe",
                                                                "request",
                                                                "request_writable",
                                                                "request_close",
                                                                "auth_done",
                                                                "timer_done",
                                                                "published",
                                                                "journal_done",
                                                                "fetch_done",
                                                                "session_limited",
                                                                "registry_done",
                                                                "upgrade",
                                                                "session_bus_lost"};
  return names[static_cast<std::size_t>(hook)];
}

}  // namespace dragoman::plugin
