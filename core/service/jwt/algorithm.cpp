// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/algorithm.hpp"

#include <array>

namespace dragoman::service::jwt {
namespace {

constexpr std::array<AlgorithmFacts, 10> all = {{{"HS256", Family::hmac, "SHA256", 32, 0},
                                                 {"HS384", Family::hmac, "SHA384", 48, 0},
                                                 {"HS512", Family::hmac, "SHA512", 64, 0},
                                                 {"RS256", Family::rsa, "SHA256", 0, 0},
                                                 {"RS384", Family::rsa, "SHA384", 0, 0},
                                                 {"RS512", Family::rsa, "SHA512", 0, 0},
                                                 {"ES256", Family::ecdsa, "SHA256", 0, 32},
                                                 {"ES384", Family::ecdsa, "SHA384", 0, 48},
                                                 {"ES512", Family::ecdsa, "SHA512", 0, 66},
                                                 {"EdDSA", Family::eddsa, nullptr, 0, 0}}};

}  // namespace

const AlgorithmFacts& facts(Algorithm algorithm) {
  return all[static_cast<std::size_t>(algorithm)];
}

std::optional<Algorithm> find_algorithm(std::string_view name) {
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return static_cast<Algorithm>(i);
  return std::nullopt;
}

Algorithms algorithms_of(const std::vector<std::string>& names) {
  Algorithms out = 0;
  for (const auto& name : names)
    if (const auto found = find_algorithm(name)) out |= bit(*found);
  return out;
}

std::string names_of(Algorithms algorithms) {
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (algorithms & bit(static_cast<Algorithm>(i))) (out += out.empty() ? "" : ", ") += all[i].name;
  return out;
}

}  // namespace dragoman::service::jwt
