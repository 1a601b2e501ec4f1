// SPDX-License-Identifier: Apache-2.0
// Keys as they are written: secrets, PEM and JWK Sets.
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "codec/base64url.hpp"
#include "jwt_support.hpp"
#include "service/jwt/key_reading.hpp"

namespace dragoman::service::jwt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string passed(const std::string& jwk, Algorithms wanted = 0, bool secrets = true) {
  const ReadKeys read = keys_from_jwks(jwks({jwk}), wanted, secrets);
  EXPECT_EQ(read.problem, "");
  EXPECT_EQ(read.keys.size() + read.passed.size(), 1u);
  return read.passed.empty() ? "taken" : read.passed.front();
}

TEST(JwtKeys, Secrets) {
  const ReadKeys plain = key_from_secret("some secret", 0, "k");
  ASSERT_EQ(plain.keys.size(), 1u);
  EXPECT_EQ(plain.keys[0].id, "k");
  EXPECT_EQ(plain.keys[0].algorithms, bit(Algorithm::hs256));
  EXPECT_EQ(key_from_secret("s", bit(Algorithm::hs512), "").keys.at(0).algorithms, bit(Algorithm::hs512));
  EXPECT_EQ(key_from_secret("", 0, "").problem, "the secret is empty");
  EXPECT_EQ(key_from_secret("s", bit(Algorithm::rs256), "").problem, "a secret is for HS256, HS384, HS512 only");
  for (const char* text : {"+/+/YQ==", "-_-_YQ", "+/+/YQ"})
    EXPECT_EQ(key_from_base64(text, 0, "").keys.at(0).secret,
              "\xfb\xff\xbf"
              "a")
        << text;
  for (const char* text : {"====", "a", "YQ=", "YQ===", "Y Q=", "\xc3\xa9"})
    EXPECT_EQ(key_from_base64(text, 0, "").problem, "the secret is not base64") << text;
}

TEST(JwtKeys, APublicKeyIsNoSecret) {
  const TestKey key(Algorithm::rs256);
  const char* why = "a key in PEM or DER is no secret; give a public key as pem";
  EXPECT_EQ(key_from_secret(key.pem(), 0, "").problem, why);
  EXPECT_EQ(key_from_secret("  " + key.pem(), 0, "").problem, why);
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key.pair.get(), &der);
  const std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  EXPECT_EQ(key_from_base64(codec::base64url(bytes), 0, "").problem, why);
}

TEST(JwtKeys, Pem) {
  for (const Algorithm algorithm :
       {Algorithm::rs256, Algorithm::es256, Algorithm::es384, Algorithm::es512, Algorithm::eddsa}) {
    const TestKey key(algorithm);
    const ReadKeys read = key_from_pem("a comment\n" + key.pem(), 0, "k");
    ASSERT_EQ(read.problem, "");
    EXPECT_EQ(read.keys.at(0).algorithms, algorithm == Algorithm::rs256 ? rsa_algorithms : bit(algorithm));
    EXPECT_TRUE(verify(read.keys[0], algorithm, "text", key.sign("text")));
    EXPECT_EQ(key_from_pem(key.private_pem(), 0, "").problem,
              "this is a private key; the gateway needs the public one only");
  }
  const TestKey ec(Algorithm::es256), rsa(Algorithm::rs256);
  EXPECT_EQ(key_from_pem(rsa.pem(), bit(Algorithm::rs512), "").keys.at(0).algorithms, bit(Algorithm::rs512));
  EXPECT_EQ(key_from_pem(ec.pem(), bit(Algorithm::rs256) | bit(Algorithm::es256), "").problem,
            "a key of its kind is for ES256, not for RS256");
  EXPECT_EQ(key_from_pem("rubbish", 0, "").problem, "there is neither a public key nor a certificate in PEM in it");
  EXPECT_EQ(key_from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", 0, "").problem,
            "there is neither a public key nor a certificate in PEM in it");
  EXPECT_THAT(key_from_pem(TestKey(Algorithm::rs256, "", 1024).pem(), 0, "").problem, HasSubstr("this one has 1024"));
}

TEST(JwtKeys, ACertificate) {
  const TestKey key(Algorithm::es256);
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key.pair.get());
  X509_sign(certificate, key.pair.get(), EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* data = nullptr;
  const auto length = static_cast<std::size_t>(BIO_get_mem_data(bio, &data));
  const ReadKeys read = key_from_pem(std::string(data, length), 0, "");
  BIO_free(bio);
  X509_free(certificate);
  ASSERT_EQ(read.problem, "");
  EXPECT_TRUE(verify(read.keys.at(0), Algorithm::es256, "text", key.sign("text")));
}

TEST(JwtKeys, WhatAJwkSaysOfItselfIsObeyed) {
  const TestKey key(Algorithm::rs256, "k");
  EXPECT_EQ(passed(key.jwk()), "taken");
  EXPECT_EQ(passed(key.jwk(R"(,"use":"sig","key_ops":["sign","verify"],"alg":"RS384","x5t":"?")")), "taken");
  EXPECT_EQ(passed(key.jwk(R"(,"use":"enc")")), "keys[0]: \"use\" is not \"sig\"");
  EXPECT_EQ(passed(key.jwk(R"(,"use":1)")), "keys[0]: \"use\" is no string");
  EXPECT_EQ(passed(key.jwk(R"(,"key_ops":["sign"])")), "keys[0]: \"key_ops\" has no \"verify\"");
  EXPECT_EQ(passed(key.jwk(R"(,"key_ops":"verify")")), "keys[0]: \"key_ops\" has no \"verify\"");
  for (const char* alg : {"none", "HS256", "ES256", "RSA-OAEP", "rs256"})
    EXPECT_EQ(passed(key.jwk(R"(,"alg":")" + std::string(alg) + '"')), "keys[0]: \"alg\" names none that fits the key");
  EXPECT_EQ(passed(key.jwk(), bit(Algorithm::es256)), "keys[0]: it is for other algorithms than those that are wanted");
  EXPECT_EQ(passed(key.jwk(R"(,"alg":"RS256")"), bit(Algorithm::rs512)),
            "keys[0]: it is for other algorithms than those that are wanted");
  EXPECT_EQ(passed(key.jwk(), bit(Algorithm::rs512) | bit(Algorithm::es256)), "taken");
  EXPECT_EQ(passed(TestKey(Algorithm::es384).jwk(R"(,"alg":"ES256")")),
            "keys[0]: \"alg\" names none that fits the key");
  EXPECT_EQ(passed(TestKey(Algorithm::hs256).jwk()), "taken");
  EXPECT_EQ(passed(TestKey(Algorithm::hs256).jwk(), 0, false), "keys[0]: a secret is not fetched from a server");
}

TEST(JwtKeys, JwksThatAreNone) {
  const std::string zeros(43, 'A');
  const std::pair<std::string, const char*> table[] = {
      {"5", "it is no object"},
      {"{}", "\"kty\" is missing"},
      {R"({"kty":"DSA"})", "\"kty\" is none of RSA, EC, OKP and oct"},
      {R"({"kty":"RSA","n":"AQAB"})", "\"e\" is missing or no base64url"},
      {R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", "an RSA key must have 2048 to 8192 bits, and this one has 17"},
      {R"({"kty":"RSA","n":"AQA=","e":"AQAB"})", "\"n\" is missing or no base64url"},
      {R"({"kty":"RSA","n":"AAAA","e":"AQAB"})", "its numbers make no key"},
      {R"({"kty":"RSA","n":")" + codec::base64url(std::string(256, '\xff')) + R"(","e":"AQ"})",
       "its numbers make no key"},
      {R"({"kty":"RSA","n":")" + codec::base64url(std::string(2048, '\xff')) + R"(","e":"AQAB"})",
       "an RSA key must have 2048 to 8192 bits, and this one has 16384"},
      {R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})", "\"crv\" is none of P-256, P-384 and P-521"},
      {R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", "its numbers make no key"},
      {R"({"kty":"EC","crv":"P-256","x":")" + zeros + R"(","y":")" + zeros + R"("})", "its numbers make no key"},
      {R"({"kty":"OKP","crv":"X25519","x":")" + zeros + R"("})", "\"crv\" is neither Ed25519 nor Ed448"},
      {R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})", "its numbers make no key"},
      {R"({"kty":"oct","k":""})", "\"k\" is missing or no base64url"},
      {R"({"kty":"oct","kid":5,"k":"AAAA"})", "\"kid\" is no string"}};
  for (const auto& [jwk, why] : table) EXPECT_EQ(passed(jwk), std::string("keys[0]: ") + why) << jwk;
}

TEST(JwtKeys, Sets) {
  const TestKey a(Algorithm::es256, "a"), b(Algorithm::eddsa, "b");
  const ReadKeys both = keys_from_jwks(jwks({a.jwk(), R"({"kty":"new"})", b.jwk()}), 0, false);
  ASSERT_EQ(both.keys.size(), 2u);
  EXPECT_EQ(both.keys[1].id, "b");
  EXPECT_THAT(both.passed, ElementsAre("keys[1]: \"kty\" is none of RSA, EC, OKP and oct"));
  const ReadKeys none = keys_from_jwks(jwks({}), 0, false);
  EXPECT_EQ(none.problem, "");
  EXPECT_THAT(none.keys, IsEmpty());
  for (const char* text : {"", "[]", "{", "null", R"({"keys":[],"keys":[]})"})
    EXPECT_EQ(keys_from_jwks(text, 0, false).problem, "it is not a JSON object without repeated members") << text;
  for (const char* text : {"{}", R"({"keys":{}})", R"({"keys":null})"})
    EXPECT_EQ(keys_from_jwks(text, 0, false).problem, "it has no array \"keys\"") << text;
  std::string many;
  for (int i = 0; i < 257; ++i) many += i ? ",{}" : "{}";
  EXPECT_EQ(keys_from_jwks(jwks({many}), 0, false).problem, "it has more than 256 keys");
  EXPECT_EQ(keys_from_jwks(std::string((1 << 20) + 1, ' '), 0, false).problem, "it is larger than 1 MiB");
}

}  // namespace
}  // namespace dragoman::service::jwt
