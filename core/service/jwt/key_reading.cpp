// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/key_reading.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

#include "codec/base64url.hpp"
#include "service/jwt/jwk.hpp"
#include "service/jwt/public_key.hpp"
#include "service/jwt/strict_json.hpp"

namespace dragoman::service::jwt {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

ReadKeys refused(std::string problem) {
  ReadKeys out;
  out.problem = std::move(problem);
  return out;
}

ReadKeys one(Key key) {
  ReadKeys out;
  out.keys.push_back(std::move(key));
  return out;
}

// A public key is known to everybody, and whoever takes it for a secret accepts what anybody has signed.
bool is_public_key(const std::string& secret) {
  if (secret.find("-----BEGIN ") != std::string::npos) return true;
  const auto* at = reinterpret_cast<const unsigned char*>(secret.data());
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(secret.size()));
  EVP_PKEY_free(key);
  ERR_clear_error();
  return key != nullptr;
}

int no_password(char*, int, int, void*) {
  return 0;
}

PublicKey public_key_of_pem(const std::string& text) {
  const auto bio = [&] { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free); };
  if (const Bio from = bio(); EVP_PKEY* key = PEM_read_bio_PUBKEY(from.get(), nullptr, no_password, nullptr))
    return {key, EVP_PKEY_free};
  const Bio from = bio();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(from.get(), nullptr, no_password, nullptr), X509_free);
  if (EVP_PKEY* key = certificate ? X509_get_pubkey(certificate.get()) : nullptr) return {key, EVP_PKEY_free};
  return nullptr;
}

}  // namespace

ReadKeys key_from_secret(std::string secret, Algorithms wanted, std::string id) {
  if (secret.empty()) return refused("the secret is empty");
  if (is_public_key(secret)) return refused("a key in PEM or DER is no secret; give a public key as pem");
  if (!wanted) wanted = bit(Algorithm::hs256);
  if (wanted & ~hmac_algorithms) return refused("a secret is for " + names_of(hmac_algorithms) + " only");
  return one({std::move(id), wanted, std::move(secret), nullptr});
}

ReadKeys key_from_base64(std::string text, Algorithms wanted, std::string id) {
  if (text.size() % 4 == 0)
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  auto secret = codec::decode_base64url(text);
  if (!secret) return refused("the secret is not base64");
  return key_from_secret(std::move(*secret), wanted, std::move(id));
}

ReadKeys key_from_pem(const std::string& text, Algorithms wanted, std::string id) {
  PublicKey key = public_key_of_pem(text);
  ERR_clear_error();
  if (!key && text.find("PRIVATE KEY-----") != std::string::npos)
    return refused("this is a private key; the gateway needs the public one only");
  if (!key) return refused("there is neither a public key nor a certificate in PEM in it");
  const Fit fit = algorithms_for(key.get());
  if (!fit.algorithms) return refused(fit.problem);
  if (wanted & ~fit.algorithms)
    return refused("a key of its kind is for " + names_of(fit.algorithms) + ", not for " +
                   names_of(wanted & ~fit.algorithms));
  return one({std::move(id), wanted ? wanted : fit.algorithms, {}, std::move(key)});
}

ReadKeys keys_from_jwks(std::string_view text, Algorithms wanted, bool secrets) {
  if (text.size() > largest_key_file) return refused("it is larger than 1 MiB");
  const auto set = parse_strict(text);
  if (!set) return refused("it is not a JSON object without repeated members");
  const boost::json::value* keys = set->if_contains("keys");
  if (!keys || !keys->is_array()) return refused("it has no array \"keys\"");
  if (keys->get_array().size() > most_keys) return refused("it has more than " + std::to_string(most_keys) + " keys");
  ReadKeys out;
  std::size_t number = 0;
  for (const auto& value : keys->get_array()) {
    ReadJwk read = key_from_jwk(value, wanted, secrets);
    if (read.key)
      out.keys.push_back(std::move(*read.key));
    else
      out.passed.push_back("keys[" + std::to_string(number) + "]: " + read.problem);
    ++number;
  }
  return out;
}

}  // namespace dragoman::service::jwt
