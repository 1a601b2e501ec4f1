// SPDX-License-Identifier: Apache-2.0
// Who a session is (architecture section 2). Immutable and shared; compared by content.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dragoman::service {

struct Identity {
  std::string id, user, tenant, account, session;
  std::vector<std::string> grants;
  std::string claims = "{}";    // JSON object
  std::int64_t expires_ms = 0;  // Unix time, 0 = never
  bool operator==(const Identity&) const = default;
};

using IdentityPtr = std::shared_ptr<const Identity>;

}  // namespace dragoman::service
