// SPDX-License-Identifier: Apache-2.0
// Segments of routing keys: encoded ids and names of account databases (kazoo digest section 6). Any thread, no state.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace kazoo {

// One segment that holds any text; "*" and "#" alone stay.
std::string encode_key(std::string_view text);
// The same for what a client wrote, who may have encoded it already.
std::string encode_key_once(std::string_view text);

// 32 hexadecimal digits.
bool is_account_id(std::string_view text);

// As a segment, its slashes percent-encoded; "*" gives "*".
std::string account_database(std::string_view account_id);
// Of one month: "202403".
std::string month_database(std::string_view account_id, std::string_view month);

// Of Unix time in seconds, UTC; ahead: that many months later.
std::string month_of(std::int64_t unix_s, unsigned ahead = 0);

}  // namespace kazoo
