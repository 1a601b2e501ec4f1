// SPDX-License-Identifier: Apache-2.0
#include "cli/jwt.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "codec/base64url.hpp"
#include "service/jwt/algorithm.hpp"

namespace dragoman::cli {

std::size_t secret_bytes(std::string_view algorithm) {
  const auto found = service::jwt::find_algorithm(algorithm);
  return found ? service::jwt::facts(*found).secret_bytes : 0;
}

std::string make_jwt(std::string_view algorithm, std::string_view secret, std::string_view claims) {
  const std::size_t bytes = secret_bytes(algorithm);
  if (!bytes) throw std::runtime_error("the algorithm of a token is HS256, HS384 or HS512");
  const EVP_MD* hash = bytes == 32 ? EVP_sha256() : bytes == 48 ? EVP_sha384() : EVP_sha512();
  const std::string signed_part =
      codec::base64url("{\"alg\":\"" + std::string(algorithm) + "\",\"typ\":\"JWT\"}") + '.' + codec::base64url(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  if (!HMAC(hash, secret.data(), static_cast<int>(secret.size()),
            reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac.data(), &length))
    throw std::runtime_error("OpenSSL could not sign the token");
  return signed_part + '.' + codec::base64url({reinterpret_cast<const char*>(mac.data()), length});
}

}  // namespace dragoman::cli
