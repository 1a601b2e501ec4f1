// SPDX-License-Identifier: Apache-2.0
// A token from a client, the claims of one that is signed well, and a key set from a server.
#include <openssl/hmac.h>

#include <cstdlib>
#include <string>

#include "codec/base64url.hpp"
#include "service/jwt/claims.hpp"
#include "service/jwt/key_reading.hpp"
#include "service/jwt/token.hpp"

using namespace dragoman;
using namespace dragoman::service::jwt;

namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;
const std::string secret = "a secret that is long enough for HS256";

config::JwtConfig make_rules() {
  config::JwtConfig rules;
  rules.required.clear();
  rules.leeway_ms = 1000;
  rules.identity.tenant = {"/a/0", "/b"};
  rules.identity.grants = {"/g", "/scope"};
  return rules;
}

KeySet make_keys() {
  KeySet set;
  set.keys = key_from_secret(secret, hmac_algorithms, "k").keys;
  return set;
}

void judge(const std::string& payload) {
  static const config::JwtConfig rules = make_rules();
  const Verdict verdict = judge_claims(rules, payload, now_ms);
  if ((verdict.outcome == Outcome::accepted) != (verdict.identity != nullptr)) std::abort();
  if (!verdict.identity) {
    if (verdict.why.empty()) std::abort();
    return;
  }
  const service::Identity& identity = *verdict.identity;
  if (identity.expires_ms && identity.expires_ms <= now_ms) std::abort();
  if (identity.claims != payload || identity.user.size() > 256 || identity.user.find('\0') != std::string::npos)
    std::abort();
}

std::string sign(const std::string& header, const std::string& payload) {
  std::string text = codec::base64url(header) + '.' + codec::base64url(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length);
  return text + '.' + codec::base64url({reinterpret_cast<const char*>(mac), length});
}

Outcome verified(const std::string& text) {
  static const KeySet keys = make_keys();
  const auto parsed = parse_token(text);
  if (const auto* outcome = std::get_if<Outcome>(&parsed)) {
    if (*outcome != Outcome::malformed && *outcome != Outcome::algorithm) std::abort();
    return *outcome;
  }
  return verify(std::get<Token>(parsed), keys);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      // Nobody but who has the secret makes a token.
      if (verified(text) == Outcome::accepted) std::abort();
      break;
    case 1:
      if (sign("{}", text).size() > largest_token - 64) break;
      if (verified(sign(R"({"alg":"HS256","kid":"k"})", text)) != Outcome::accepted) std::abort();
      judge(text);
      break;
    case 2:
      verified(sign(text, "{}"));
      break;
    default: {
      const ReadKeys read = keys_from_jwks(text, 0, true);
      if (!read.problem.empty() && !read.keys.empty()) std::abort();
      for (const Key& key : read.keys)
        if (!key.algorithms || key.secret.empty() != static_cast<bool>(key.public_key)) std::abort();
      key_from_pem(text, 0, {});
    }
  }
  return 0;
}
