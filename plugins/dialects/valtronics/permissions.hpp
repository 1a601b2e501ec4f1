// SPDX-License-Identifier: Apache-2.0
// What a token says beyond its user (valtronics digest section 3). Any thread, no state.
#pragma once
#include <bitset>
#include <string_view>

#include "channel.hpp"

namespace valtronics {

struct Rights {
  bool refresh_token = false;  // good for new tokens only
  std::bitset<channels.size()> allowed;
  bool may(Channel channel) const { return allowed.test(index_of(channel)); }
};

inline constexpr std::string_view refresh_token_refusal = "A refresh token cannot be used here";

// claims: a JSON object; with anything else the token counts as one that has none of them.
Rights read_rights(std::string_view claims, bool role_permissions);

}  // namespace valtronics
