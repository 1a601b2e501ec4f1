// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/key.hpp"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>

#include <array>

namespace dragoman::service::jwt {
namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool verify_hmac(const Key& key, const AlgorithmFacts& algorithm, std::string_view text, std::string_view signature) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  const EVP_MD* digest = algorithm.secret_bytes == 32   ? EVP_sha256()
                         : algorithm.secret_bytes == 48 ? EVP_sha384()
                                                        : EVP_sha512();
  if (!HMAC(digest, key.secret.data(), static_cast<int>(key.secret.size()), bytes(text), text.size(), mac.data(),
            &length))
    return false;
  return signature.size() == length && CRYPTO_memcmp(signature.data(), mac.data(), length) == 0;
}

// The two numbers of RFC 7518 section 3.4 as the structure that OpenSSL reads; empty: they are none.
std::string ecdsa_der(std::string_view signature, std::size_t half) {
  if (signature.size() != 2 * half) return {};
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(bytes(signature), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(bytes(signature) + half, static_cast<int>(half), nullptr);
  if (!pair || !r || !s || !ECDSA_SIG_set0(pair.get(), r, s)) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  std::string out;
  if (length > 0) out.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

}  // namespace

bool verify(const Key& key, Algorithm algorithm, std::string_view signed_part, std::string_view signature) {
  if (!(key.algorithms & bit(algorithm))) return false;
  const AlgorithmFacts& f = facts(algorithm);
  if (f.family == Family::hmac) return !key.public_key && verify_hmac(key, f, signed_part, signature);
  if (!key.public_key) return false;
  std::string der;
  if (f.family == Family::ecdsa) {
    der = ecdsa_der(signature, f.half_bytes);
    if (der.empty()) return false;
    signature = der;
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool good =
      context &&
      EVP_DigestVerifyInit_ex(context.get(), nullptr, f.digest, nullptr, nullptr, key.public_key.get(), nullptr) == 1 &&
      EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(signed_part), signed_part.size()) == 1;
  // The thread's next user of OpenSSL must not find these errors.
  ERR_clear_error();
  return good;
}

}  // namespace dragoman::service::jwt
