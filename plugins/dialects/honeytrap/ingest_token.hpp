// SPDX-License-Identifier: Apache-2.0
// Who may deliver events (honeytrap digest section 6). Any thread.
#pragma once
#include <string_view>

namespace honeytrap {

// authorization: the header a pusher sends, "Token SECRET" or "Bearer SECRET". An empty token lets nobody in. The time
// it takes does not depend on how much of the secret is right.
bool may_ingest(std::string_view token, std::string_view authorization);

}  // namespace honeytrap
