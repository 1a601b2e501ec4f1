// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/token.hpp"

#include <algorithm>

#include "codec/base64url.hpp"
#include "service/jwt/strict_json.hpp"

namespace dragoman::service::jwt {
namespace {

namespace json = boost::json;

// A token that names no key may be tried with so many.
constexpr unsigned most_tries = 16;

Outcome read_header(const json::object& header, Token& token) {
  const json::value* alg = header.if_contains("alg");
  if (!alg || !alg->is_string()) return Outcome::malformed;
  // It lists what a reader must understand, and nothing that could be listed is understood here.
  if (header.contains("crit")) return Outcome::malformed;
  if (const json::value* kid = header.if_contains("kid")) {
    if (!kid->is_string()) return Outcome::malformed;
    token.key_id = std::string(kid->get_string());
  }
  const json::string& name = alg->get_string();
  const auto algorithm = find_algorithm({name.data(), name.size()});
  if (!algorithm) return Outcome::algorithm;
  token.algorithm = *algorithm;
  return Outcome::accepted;
}

}  // namespace

std::variant<Token, Outcome> parse_token(std::string_view text) {
  if (text.size() > largest_token) return Outcome::malformed;
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? text.npos : text.find('.', first + 1);
  if (second == text.npos) return Outcome::malformed;
  // A third dot is no base64url.
  const auto header_text = codec::decode_base64url(text.substr(0, first));
  auto payload = codec::decode_base64url(text.substr(first + 1, second - first - 1));
  auto signature = codec::decode_base64url(text.substr(second + 1));
  if (!header_text || !payload || !signature) return Outcome::malformed;
  const auto header = parse_strict(*header_text);
  if (!header) return Outcome::malformed;
  Token token;
  if (const Outcome outcome = read_header(*header, token); outcome != Outcome::accepted) return outcome;
  token.signed_part = text.substr(0, second);
  token.signature = std::move(*signature);
  token.payload = std::move(*payload);
  return token;
}

Outcome verify(const Token& token, const KeySet& keys) {
  Outcome outcome = Outcome::unknown_key;
  unsigned tries = 0;
  for (const Key& key : keys.keys) {
    if (token.key_id && !key.id.empty() && key.id != *token.key_id) continue;
    if (!(key.algorithms & bit(token.algorithm))) {
      if (outcome == Outcome::unknown_key) outcome = Outcome::algorithm;
      continue;
    }
    if (++tries > most_tries) break;
    if (verify(key, token.algorithm, token.signed_part, token.signature)) return Outcome::accepted;
    outcome = Outcome::signature;
  }
  return outcome;
}

bool names_key(const Token& token, const KeySet& keys) {
  return token.key_id && !token.key_id->empty() &&
         std::any_of(keys.keys.begin(), keys.keys.end(), [&](const Key& key) { return key.id == *token.key_id; });
}

}  // namespace dragoman::service::jwt
