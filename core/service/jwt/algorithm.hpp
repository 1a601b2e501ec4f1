// SPDX-License-Identifier: Apache-2.0
// The signature algorithms of JSON Web Tokens that exist here (RFC 7518 section 3, RFC 8037). Any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::service::jwt {

enum class Algorithm : std::uint8_t { hs256, hs384, hs512, rs256, rs384, rs512, es256, es384, es512, eddsa };
enum class Family : std::uint8_t { hmac, rsa, ecdsa, eddsa };

struct AlgorithmFacts {
  std::string_view name;
  Family family;
  const char* digest;        // OpenSSL's name; null: part of the algorithm
  std::size_t secret_bytes;  // that a secret should have (RFC 7518 section 3.2)
  std::size_t half_bytes;    // of each of the two numbers of a signature
};

const AlgorithmFacts& facts(Algorithm algorithm);
std::optional<Algorithm> find_algorithm(std::string_view name);

// One bit for each.
using Algorithms = std::uint16_t;
constexpr Algorithms bit(Algorithm algorithm) {
  return static_cast<Algorithms>(1u << static_cast<unsigned>(algorithm));
}
constexpr Algorithms hmac_algorithms = bit(Algorithm::hs256) | bit(Algorithm::hs384) | bit(Algorithm::hs512);
constexpr Algorithms rsa_algorithms = bit(Algorithm::rs256) | bit(Algorithm::rs384) | bit(Algorithm::rs512);

// Unknown names are left out.
Algorithms algorithms_of(const std::vector<std::string>& names);
// "RS256, RS384".
std::string names_of(Algorithms algorithms);

}  // namespace dragoman::service::jwt
