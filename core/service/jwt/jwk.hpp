// SPDX-License-Identifier: Apache-2.0
// One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037). Any thread.
#pragma once
#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "service/jwt/key.hpp"

namespace dragoman::service::jwt {

struct ReadJwk {
  std::optional<Key> key;
  std::string problem;  // why there is none
};

// wanted: 0 stands for all. secrets: whether the type oct is allowed.
ReadJwk key_from_jwk(const boost::json::value& jwk, Algorithms wanted, bool secrets);

}  // namespace dragoman::service::jwt
