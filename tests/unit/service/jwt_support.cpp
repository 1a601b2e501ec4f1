// SPDX-License-Identifier: Apache-2.0
#include "jwt_support.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>

#include "codec/base64url.hpp"

namespace dragoman::service::jwt {
namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

const char* curve_of(Algorithm algorithm) {
  return algorithm == Algorithm::es256 ? "P-256" : algorithm == Algorithm::es384 ? "P-384" : "P-521";
}

PublicKey make_pair(Algorithm algorithm, unsigned rsa_bits) {
  switch (facts(algorithm).family) {
    case Family::rsa:
      return {EVP_RSA_gen(rsa_bits), EVP_PKEY_free};
    case Family::ecdsa:
      return {EVP_EC_gen(curve_of(algorithm)), EVP_PKEY_free};
    case Family::eddsa:
      return {EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free};
    case Family::hmac:
      break;
  }
  return nullptr;
}

std::string number(const PublicKey& key, const char* name, int length = 0) {
  BIGNUM* n = nullptr;
  if (!EVP_PKEY_get_bn_param(key.get(), name, &n)) throw std::runtime_error(name);
  std::string out(static_cast<std::size_t>(length ? length : BN_num_bytes(n)), '\0');
  BN_bn2binpad(n, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  BN_free(n);
  return codec::base64url(out);
}

std::string raw_ecdsa(const std::string& der, std::size_t half) {
  const auto* at = bytes(der);
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string out(2 * half, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, static_cast<int>(half));
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + half, static_cast<int>(half));
  ECDSA_SIG_free(pair);
  return out;
}

template <class Write>
std::string written(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(length));
  BIO_free(bio);
  return out;
}

}  // namespace

TestKey::TestKey(Algorithm a, std::string key_id, unsigned rsa_bits)
    : algorithm(a), id(std::move(key_id)), pair(make_pair(a, rsa_bits)) {
  for (std::size_t i = 0; i < facts(a).secret_bytes; ++i) secret += static_cast<char>('a' + (i * 7 + id.size()) % 26);
}

TestKey TestKey::ed448(std::string key_id) {
  return {std::move(key_id), PublicKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"), EVP_PKEY_free)};
}

std::string TestKey::sign(std::string_view text) const {
  const AlgorithmFacts& f = facts(algorithm);
  std::string out(1024, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  std::size_t length = out.size();
  if (f.family == Family::hmac) {
    unsigned mac = 0;
    HMAC(EVP_get_digestbyname(f.digest), secret.data(), static_cast<int>(secret.size()), bytes(text), text.size(), to,
         &mac);
    length = mac;
  } else {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit_ex(context, nullptr, f.digest, nullptr, nullptr, pair.get(), nullptr);
    EVP_DigestSign(context, to, &length, bytes(text), text.size());
    EVP_MD_CTX_free(context);
  }
  out.resize(length);
  return f.family == Family::ecdsa ? raw_ecdsa(out, f.half_bytes) : out;
}

std::string TestKey::jwk(const std::string& members) const {
  const AlgorithmFacts& f = facts(algorithm);
  const std::string rest = (id.empty() ? "" : R"(,"kid":")" + id + '"') + members + '}';
  if (f.family == Family::hmac) return R"({"kty":"oct","k":")" + codec::base64url(secret) + '"' + rest;
  if (f.family == Family::rsa)
    return R"({"kty":"RSA","n":")" + number(pair, OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
           number(pair, OSSL_PKEY_PARAM_RSA_E) + '"' + rest;
  if (f.family == Family::ecdsa)
    return std::string(R"({"kty":"EC","crv":")") + curve_of(algorithm) + R"(","x":")" +
           number(pair, OSSL_PKEY_PARAM_EC_PUB_X, static_cast<int>(f.half_bytes)) + R"(","y":")" +
           number(pair, OSSL_PKEY_PARAM_EC_PUB_Y, static_cast<int>(f.half_bytes)) + '"' + rest;
  std::array<unsigned char, 64> x{};
  std::size_t length = x.size();
  EVP_PKEY_get_raw_public_key(pair.get(), x.data(), &length);
  return std::string(R"({"kty":"OKP","crv":")") + (length == 32 ? "Ed25519" : "Ed448") + R"(","x":")" +
         codec::base64url({reinterpret_cast<const char*>(x.data()), length}) + '"' + rest;
}

std::string TestKey::pem() const {
  return written([this](BIO* bio) { PEM_write_bio_PUBKEY(bio, pair.get()); });
}

std::string TestKey::private_pem() const {
  return written(
      [this](BIO* bio) { PEM_write_bio_PrivateKey(bio, pair.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

Key TestKey::key() const {
  return {id, bit(algorithm), secret, pair};
}

std::string jwks(std::initializer_list<std::string> keys) {
  std::string out;
  for (const auto& key : keys) out += (out.empty() ? "" : ",") + key;
  return R"({"keys":[)" + out + "]}";
}

std::string make_token(const TestKey& key, std::string_view payload, std::string_view header) {
  const std::string made = R"({"alg":")" + std::string(facts(key.algorithm).name) + '"' +
                           (key.id.empty() ? "" : R"(,"kid":")" + key.id + '"') + "}";
  const std::string text = codec::base64url(header.empty() ? made : header) + '.' + codec::base64url(payload);
  return text + '.' + codec::base64url(key.sign(text));
}

std::string good_payload() {
  return payload_with(R"("sub":"alice")");
}

std::string payload_with(const std::string& members) {
  return "{" + members + R"(,"exp":4102444800})";
}

}  // namespace dragoman::service::jwt
