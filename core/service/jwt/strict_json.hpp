// SPDX-License-Identifier: Apache-2.0
// JSON objects of tokens and key sets. Any thread.
#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

namespace dragoman::service::jwt {

// Nothing for other JSON, for what is none, and when a member is there twice at any depth: two readers of such an
// object may read two things (RFC 7519 section 4).
std::optional<boost::json::object> parse_strict(std::string_view text);

}  // namespace dragoman::service::jwt
