// SPDX-License-Identifier: Apache-2.0
// Keys and tokens made for tests.
#pragma once
#include <string>
#include <string_view>

#include "service/jwt/key.hpp"

namespace dragoman::service::jwt {

class TestKey {
 public:
  // A new pair that fits the algorithm; of an HMAC a secret. rsa_bits: of RSA only.
  explicit TestKey(Algorithm algorithm, std::string id = {}, unsigned rsa_bits = 2048);
  static TestKey ed448(std::string id);

  std::string sign(std::string_view text) const;  // raw, as in a token
  // members: more of the JWK, such as R"(,"alg":"RS256")".
  std::string jwk(const std::string& members = {}) const;
  std::string pem() const;
  std::string private_pem() const;
  Key key() const;

  Algorithm algorithm;
  std::string id, secret;
  PublicKey pair;

 private:
  TestKey(std::string key_id, PublicKey made) : algorithm(Algorithm::eddsa), id(std::move(key_id)), pair(made) {}
};

std::string jwks(std::initializer_list<std::string> keys);
// header: empty for one that names the key and its algorithm.
std::string make_token(const TestKey& key, std::string_view payload, std::string_view header = {});
// An expiry far away and the subject "alice".
std::string good_payload();
// One that has this claim in place of the subject: members are JSON without braces.
std::string payload_with(const std::string& members);

}  // namespace dragoman::service::jwt
