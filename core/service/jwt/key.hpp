// SPDX-License-Identifier: Apache-2.0
// What the signature of a token is verified with. A key knows the algorithms it may be used with, and each fits its
// type and curve: a token cannot choose another. Immutable: any thread.
#pragma once
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/jwt/algorithm.hpp"

namespace dragoman::service::jwt {

using PublicKey = std::shared_ptr<EVP_PKEY>;

struct Key {
  std::string id;  // empty: it has none, and stands for any
  Algorithms algorithms = 0;
  std::string secret;    // of an HMAC
  PublicKey public_key;  // null: it is a secret
};

// The algorithm must be one of the key's.
bool verify(const Key& key, Algorithm algorithm, std::string_view signed_part, std::string_view signature);

// All keys of an authenticator at one time.
struct KeySet {
  std::vector<Key> keys;
  std::uint64_t generation = 0;  // another number for other keys
  bool complete = false;         // every source has given its keys
};
using KeySetPtr = std::shared_ptr<const KeySet>;

}  // namespace dragoman::service::jwt
