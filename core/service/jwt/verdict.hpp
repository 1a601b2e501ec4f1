// SPDX-License-Identifier: Apache-2.0
// What becomes of a token.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "service/identity.hpp"

namespace dragoman::service::jwt {

enum class Outcome : std::uint8_t {
  accepted,
  malformed,
  algorithm,
  unknown_key,
  signature,
  expired,
  not_yet_valid,
  audience,
  issuer,
  missing_claim,
  unavailable
};
constexpr std::size_t outcomes = static_cast<std::size_t>(Outcome::unavailable) + 1;

const char* name(Outcome outcome);

struct Verdict {
  Outcome outcome;
  std::string why;  // for clients, empty when accepted
  IdentityPtr identity;
};

Verdict refusal(Outcome outcome);
Verdict missing_claim(const std::string& claim);

}  // namespace dragoman::service::jwt
