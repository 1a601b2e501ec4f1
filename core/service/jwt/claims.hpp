// SPDX-License-Identifier: Apache-2.0
// What a verified token says, and whether that is good enough. Any thread.
#pragma once
#include <cstdint>
#include <string>

#include "config/configuration.hpp"
#include "service/jwt/verdict.hpp"

namespace dragoman::service::jwt {

// now_ms: Unix time. The identity's expiry has the leeway in it.
Verdict judge_claims(const config::JwtConfig& rules, std::string payload, std::int64_t now_ms);

}  // namespace dragoman::service::jwt
