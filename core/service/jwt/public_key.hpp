// SPDX-License-Identifier: Apache-2.0
// Public keys made of numbers, and what they are good for. Any thread.
#pragma once
#include <string>

#include "service/jwt/key.hpp"

namespace dragoman::service::jwt {

struct Fit {
  Algorithms algorithms = 0;
  std::string problem;  // why none
};

// By type, size and curve.
Fit algorithms_for(EVP_PKEY* key);

// Big-endian bytes. Null: they make no key.
PublicKey rsa_key(const std::string& n, const std::string& e);
// x and y: of the curve's length.
PublicKey ec_key(Algorithm algorithm, const std::string& x, const std::string& y);
// type: "ED25519" or "ED448".
PublicKey edwards_key(const char* type, const std::string& x);

}  // namespace dragoman::service::jwt
