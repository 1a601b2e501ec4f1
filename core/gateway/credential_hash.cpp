// SPDX-License-Identifier: Apache-2.0
#include "gateway/credential_hash.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace dragoman::gateway {

CredentialHash hash_of(std::string_view credential) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(credential.data(), credential.size(), digest, nullptr, EVP_sha256(), nullptr);
  CredentialHash hash;
  std::copy_n(digest, hash.size(), hash.begin());
  return hash;
}

}  // namespace dragoman::gateway
