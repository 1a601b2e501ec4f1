// SPDX-License-Identifier: Apache-2.0
#include "cli/jwt.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace dragoman::cli {

std::string base64url(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::size_t secret_bytes(std::string_view algorithm) {
  if (algorithm == "HS256") return 32;
  if (algorithm == "HS384") return 48;
  if (algorithm == "HS512") return 64;
  return 0;
}

std::string make_jwt(std::string_view algorithm, std::string_view secret, std::string_view claims) {
  const std::size_t bytes = secret_bytes(algorithm);
  if (!bytes) throw std::runtime_error("the algorithm of a token is HS256, HS384 or HS512");
  const EVP_MD* hash = bytes == 32 ? EVP_sha256() : bytes == 48 ? EVP_sha384() : EVP_sha512();
  const std::string signed_part =
      base64url("{\"alg\":\"" + std::string(algorithm) + "\",\"typ\":\"JWT\"}") + '.' + base64url(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  if (!HMAC(hash, secret.data(), static_cast<int>(secret.size()),
            reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac.data(), &length))
    throw std::runtime_error("OpenSSL could not sign the token");
  return signed_part + '.' + base64url({reinterpret_cast<const char*>(mac.data()), length});
}

}  // namespace dragoman::cli
