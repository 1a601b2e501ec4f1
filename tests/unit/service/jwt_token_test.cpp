// SPDX-License-Identifier: Apache-2.0
// The compact form, signatures, and what ties a token to a key.
#include "service/jwt/token.hpp"

#include <gtest/gtest.h>

#include "codec/base64url.hpp"
#include "jwt_support.hpp"
#include "service/jwt/key_reading.hpp"

namespace dragoman::service::jwt {
namespace {

Outcome judge(std::string_view text, std::vector<Key> keys) {
  const auto parsed = parse_token(text);
  if (const auto* outcome = std::get_if<Outcome>(&parsed)) return *outcome;
  KeySet set;
  set.keys = std::move(keys);
  return verify(std::get<Token>(parsed), set);
}

Outcome judge(std::string_view text, const std::string& jwk) {
  const ReadKeys read = keys_from_jwks(jwks({jwk}), 0, true);
  EXPECT_EQ(read.problem, "");
  EXPECT_TRUE(read.passed.empty()) << read.passed.front();
  return judge(text, read.keys);
}

const std::string rfc7515_payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

TEST(JwtToken, ExamplesOfRfc7515) {
  EXPECT_EQ(judge("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + rfc7515_payload +
                      ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                  R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75)"
                  R"(aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})"),
            Outcome::accepted);
  EXPECT_EQ(judge("eyJhbGciOiJSUzI1NiJ9." + rfc7515_payload +
                      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju"
                      "jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Q"
                      "e7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI"
                      "8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
                  R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2)"
                  R"(mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHS)"
                  R"(XndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aG)"
                  R"(hyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})"),
            Outcome::accepted);
  EXPECT_EQ(judge("eyJhbGciOiJFUzI1NiJ9." + rfc7515_payload +
                      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
                  R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                  R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"),
            Outcome::accepted);
}

TEST(JwtToken, ExampleOfRfc8037) {
  EXPECT_EQ(judge("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AI"
                  "bQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
                  R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
            Outcome::accepted);
}

TEST(JwtToken, EveryAlgorithmAndEveryTamperedBit) {
  std::vector<TestKey> keys;
  for (int i = 0; i < 10; ++i) keys.emplace_back(static_cast<Algorithm>(i));
  keys.push_back(TestKey::ed448({}));
  for (const TestKey& key : keys) {
    const auto name = facts(key.algorithm).name;
    const std::string token = make_token(key, good_payload());
    EXPECT_EQ(judge(token, {key.key()}), Outcome::accepted) << name;
    EXPECT_EQ(judge(token, key.jwk()), Outcome::accepted) << name;
    EXPECT_EQ(judge(token, {TestKey(key.algorithm, "another").key()}), Outcome::signature) << name;
    const std::size_t dot = token.rfind('.');
    const std::string signature = *codec::decode_base64url(token.substr(dot + 1));
    for (std::size_t i = 0; i<signature.size(); i += signature.size()> 100 ? 37 : 7) {
      std::string changed = signature;
      changed[i] = static_cast<char>(changed[i] ^ 1 << i % 8);
      EXPECT_EQ(judge(token.substr(0, dot + 1) + codec::base64url(changed), {key.key()}), Outcome::signature) << name;
    }
    for (const std::string& wrong :
         {std::string(), signature.substr(1), signature + '\0', std::string(signature.size(), '\0')})
      EXPECT_EQ(judge(token.substr(0, dot + 1) + codec::base64url(wrong), {key.key()}), Outcome::signature) << name;
    const std::string other = make_token(key, payload_with(R"("sub":"mallory")"));
    EXPECT_EQ(judge(other.substr(0, other.rfind('.')) + token.substr(dot), {key.key()}), Outcome::signature) << name;
  }
}

TEST(JwtToken, TheSignatureOfAnEllipticCurveIsTheRawOne) {
  const TestKey key(Algorithm::es256);
  const std::string token = make_token(key, good_payload());
  const std::string text = token.substr(0, token.rfind('.'));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string der(128, '\0');
  std::size_t length = der.size();
  EVP_DigestSignInit_ex(context, nullptr, "SHA256", nullptr, nullptr, key.pair.get(), nullptr);
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(der.data()), &length,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MD_CTX_free(context);
  der.resize(length);
  EXPECT_EQ(judge(text + '.' + codec::base64url(der), {key.key()}), Outcome::signature);
}

TEST(JwtToken, TheAlgorithmIsBoundToTheKey) {
  const TestKey rsa(Algorithm::rs256), ec(Algorithm::es256), ed(Algorithm::eddsa), secret(Algorithm::hs256);
  // Signed with the text of the public key as a secret, as an attacker would.
  TestKey confused(Algorithm::hs256);
  confused.secret = rsa.pem();
  EXPECT_EQ(judge(make_token(confused, good_payload()), {rsa.key()}), Outcome::algorithm);
  EXPECT_EQ(judge(make_token(secret, good_payload()), {rsa.key(), ec.key(), ed.key()}), Outcome::algorithm);
  EXPECT_EQ(judge(make_token(ec, good_payload()), {rsa.key(), ed.key(), secret.key()}), Outcome::algorithm);
  // The right key, but not for this algorithm.
  TestKey rs512 = rsa;
  rs512.algorithm = Algorithm::rs512;
  EXPECT_EQ(judge(make_token(rs512, good_payload()), {rsa.key()}), Outcome::algorithm);
  EXPECT_EQ(judge(make_token(rs512, good_payload()), rsa.jwk(R"(,"alg":"RS256")")), Outcome::algorithm);
  EXPECT_EQ(judge(make_token(rs512, good_payload()), rsa.jwk()), Outcome::accepted);
  // The header says one thing, and the signature is another.
  EXPECT_EQ(judge(make_token(ec, good_payload(), R"({"alg":"ES384"})"), {ec.key()}), Outcome::algorithm);
}

TEST(JwtToken, NoneIsImpossible) {
  const TestKey key(Algorithm::hs256);
  for (const char* alg :
       {"none", "None", "NONE", "nOnE", "", "HS1", "hs256", "PS256", "ES256K", "RSA-OAEP", "HS256 "}) {
    const std::string header = R"({"alg":")" + std::string(alg) + R"("})";
    EXPECT_EQ(judge(make_token(key, good_payload(), header), {key.key()}), Outcome::algorithm) << alg;
    const std::string bare = codec::base64url(header) + '.' + codec::base64url(good_payload()) + '.';
    EXPECT_EQ(judge(bare, {key.key()}), Outcome::algorithm) << alg;
  }
}

TEST(JwtToken, TheKeyThatIsNamed) {
  const TestKey a(Algorithm::es256, "a"), b(Algorithm::es256, "b"), nameless(Algorithm::es256);
  const std::string token = make_token(b, good_payload());
  EXPECT_EQ(judge(token, {a.key(), b.key()}), Outcome::accepted);
  EXPECT_EQ(judge(token, {a.key()}), Outcome::unknown_key);
  EXPECT_EQ(judge(token, std::vector<Key>{}), Outcome::unknown_key);
  EXPECT_EQ(judge(token, {a.key(), nameless.key()}), Outcome::signature);
  EXPECT_EQ(judge(make_token(nameless, good_payload()), {a.key(), b.key(), nameless.key()}), Outcome::accepted);
  EXPECT_EQ(judge(make_token(nameless, good_payload(), R"({"alg":"ES256","kid":"x"})"), {a.key(), nameless.key()}),
            Outcome::accepted);
  // The right key under another name is another key.
  EXPECT_EQ(judge(make_token(b, good_payload(), R"({"alg":"ES256","kid":"a"})"), {a.key(), b.key()}),
            Outcome::signature);
  // Keys may share a name.
  TestKey c(Algorithm::rs256, "b");
  EXPECT_EQ(judge(token, {c.key(), b.key()}), Outcome::accepted);
  const auto parsed = std::get<Token>(parse_token(token));
  KeySet set;
  set.keys = {nameless.key()};
  EXPECT_FALSE(names_key(parsed, set));
  set.keys = {nameless.key(), c.key()};
  EXPECT_TRUE(names_key(parsed, set));
}

TEST(JwtToken, ATokenThatNamesNoKeyIsNotTriedWithAll) {
  const TestKey right(Algorithm::hs256, "x");
  std::vector<Key> keys;
  for (int i = 0; i < 100; ++i) keys.push_back(TestKey(Algorithm::hs256, "other key").key());
  keys.push_back(right.key());
  EXPECT_EQ(judge(make_token(right, good_payload()), keys), Outcome::accepted);
  EXPECT_EQ(judge(make_token(right, good_payload(), R"({"alg":"HS256"})"), keys), Outcome::signature);
}

TEST(JwtToken, WhatIsNone) {
  const TestKey key(Algorithm::hs256);
  const std::string good = make_token(key, good_payload());
  const std::string padding = make_token(key, good_payload() + " ");
  EXPECT_EQ(judge(padding, {key.key()}), Outcome::accepted);
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), good.substr(0, good.rfind('.')),
        good + ".", good + ".x", good + "=", " " + good, good + "\n", "Bearer " + good, good.substr(good.find('.')),
        "{}" + good.substr(good.find('.')), std::string(20'000, 'A')})
    EXPECT_EQ(judge(text, {key.key()}), Outcome::malformed) << text.substr(0, 40);
  for (const char* header :
       {"[]", "\"HS256\"", "{}", "null", "{\"alg\":5}", "{\"alg\":null}", R"({"alg":"HS256","alg":"HS256"})",
        R"({"alg":"none","alg":"HS256"})", R"({"alg":"HS256","\u0061lg":"HS256"})", R"({"alg":"HS256","crit":["exp"]})",
        R"({"alg":"HS256","crit":[]})", R"({"alg":"HS256","b64":false,"crit":["b64"]})", R"({"alg":"HS256","kid":1})",
        R"({"alg":"HS256","x":{"a":1,"a":2}})", R"({"alg":"HS256"} x)", "{\"alg\":\"HS256\xff\"}",
        R"({"alg":"HS256","a":[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]})"})
    EXPECT_EQ(judge(make_token(key, good_payload(), header), {key.key()}), Outcome::malformed) << header;
  EXPECT_EQ(judge(make_token(key, good_payload(), " {\"alg\" : \"HS256\", \"typ\":\"JWT\", \"a\":{\"b\":1},\"b\":2}"),
                  {key.key()}),
            Outcome::accepted);
}

TEST(JwtToken, TheBoundOfItsLength) {
  const TestKey key(Algorithm::hs256);
  std::string filler(12'000, 'x');
  std::string token;
  for (;; filler += 'x') {
    const std::string next = make_token(key, payload_with(R"("sub":")" + filler + '"'));
    if (next.size() > largest_token) {
      EXPECT_EQ(judge(next, {key.key()}), Outcome::malformed);
      break;
    }
    token = next;
  }
  EXPECT_EQ(judge(token, {key.key()}), Outcome::accepted);
}

}  // namespace
}  // namespace dragoman::service::jwt
