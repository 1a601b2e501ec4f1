// SPDX-License-Identifier: Apache-2.0
// Who a credential is, from the body of the answer about it. Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "config/configuration.hpp"
#include "service/identity.hpp"

namespace dragoman::service::http {

// Nothing: the body is not what the configuration says, such as no JSON object. Without any pointer the body may be
// anything, and nothing is known. The expiry has the leeway in it.
std::optional<Identity> read_answer(const config::HttpAuthConfig& rules, std::string_view body);

// RFC 3339, also with a blank in place of the T and without a zone, which is UTC then. Unix milliseconds.
std::optional<std::int64_t> read_time(std::string_view text);

}  // namespace dragoman::service::http
