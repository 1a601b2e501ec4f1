// SPDX-License-Identifier: Apache-2.0
// RFC 4648 section 5, without padding. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace dragoman::codec {

std::string base64url(std::string_view bytes);

// Nothing for padding, other characters, impossible lengths, and bits after the last byte that are not zero: each value
// has one spelling.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace dragoman::codec
