// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/public_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <array>

namespace dragoman::service::jwt {
namespace {

// RFC 7518 section 3.3; beyond the other a verification takes too long.
constexpr int smallest_rsa = 2048, largest_rsa = 8192;

struct Curve {
  Algorithm algorithm;
  const char* name;
};
constexpr std::array<Curve, 3> curves = {
    {{Algorithm::es256, "prime256v1"}, {Algorithm::es384, "secp384r1"}, {Algorithm::es512, "secp521r1"}}};

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

Number number_of(const std::string& bytes) {
  return {BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr),
          BN_free};
}

PublicKey from_data(const char* type, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> params(OSSL_PARAM_BLD_to_param(builder),
                                                                       OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    key = nullptr;
  ERR_clear_error();
  return key ? PublicKey(key, EVP_PKEY_free) : nullptr;
}

using Builder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;

Builder new_builder() {
  return {OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free};
}

Fit rsa_fit(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < smallest_rsa || bits > largest_rsa)
    return {0, "an RSA key must have " + std::to_string(smallest_rsa) + " to " + std::to_string(largest_rsa) +
                   " bits, and this one has " + std::to_string(bits)};
  return {rsa_algorithms, {}};
}

Fit ec_fit(EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1)
    for (const Curve& curve : curves)
      if (std::string_view(name.data(), length) == curve.name) return {bit(curve.algorithm), {}};
  return {0, "its curve is none of P-256, P-384 and P-521"};
}

}  // namespace

Fit algorithms_for(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA")) return rsa_fit(key);
  if (EVP_PKEY_is_a(key, "EC")) return ec_fit(key);
  if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448")) return {bit(Algorithm::eddsa), {}};
  return {0, "it is no RSA, EC, Ed25519 or Ed448 key"};
}

PublicKey rsa_key(const std::string& n, const std::string& e) {
  const Number modulus = number_of(n), exponent = number_of(e);
  const Builder builder = new_builder();
  // An even modulus is none, and with the exponent 1 everything is a signature.
  if (!modulus || !exponent || !builder || !BN_is_odd(modulus.get()) || !BN_is_odd(exponent.get()) ||
      BN_is_one(exponent.get()) || BN_num_bits(exponent.get()) > 64 ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()))
    return nullptr;
  return from_data("RSA", builder.get());
}

PublicKey ec_key(Algorithm algorithm, const std::string& x, const std::string& y) {
  const std::size_t half = facts(algorithm).half_bytes;
  if (x.size() != half || y.size() != half) return nullptr;
  const std::string point = '\x04' + x + y;
  const Builder builder = new_builder();
  for (const Curve& curve : curves)
    if (builder && curve.algorithm == algorithm &&
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.name, 0) &&
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()))
      return from_data("EC", builder.get());
  return nullptr;
}

PublicKey edwards_key(const char* type, const std::string& x) {
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr,
                                                 reinterpret_cast<const unsigned char*>(x.data()), x.size());
  ERR_clear_error();
  return key ? PublicKey(key, EVP_PKEY_free) : nullptr;
}

}  // namespace dragoman::service::jwt
