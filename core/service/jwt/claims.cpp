// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/claims.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "service/identity_reading.hpp"
#include "service/jwt/strict_json.hpp"

namespace dragoman::service::jwt {
namespace {

namespace json = boost::json;

constexpr double latest = 253402300799.0;  // seconds: the end of the year 9999

// A claim that is null says nothing.
const json::value* claim(const json::object& payload, const std::string& name) {
  const json::value* value = payload.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

// Milliseconds of Unix time.
std::optional<std::int64_t> time(const json::object& payload, const std::string& name) {
  const json::value* value = payload.if_contains(name);
  if (!value) return std::nullopt;
  if (!value->is_number()) throw MalformedIdentity();
  const auto seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= latest)) throw MalformedIdentity();
  return static_cast<std::int64_t>(std::llround(seconds * 1000));
}

bool among(const json::value& value, const std::vector<std::string>& wanted) {
  const json::string& text = value.as_string();
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return text == w; });
}

bool for_audience(const json::value& audience, const std::vector<std::string>& wanted) {
  if (audience.is_string()) return among(audience, wanted);
  if (!audience.is_array()) throw MalformedIdentity();
  bool found = false;
  for (const auto& one : audience.get_array()) {
    if (!one.is_string()) throw MalformedIdentity();
    found = found || among(one, wanted);
  }
  return found;
}

Verdict judge(const config::JwtConfig& rules, std::string text, std::int64_t now_ms) {
  auto parsed = parse_strict(text);
  if (!parsed) throw MalformedIdentity();
  const json::value payload(std::move(*parsed));
  const json::object& claims = payload.get_object();

  const auto expires = time(claims, "exp"), not_before = time(claims, "nbf");
  if (expires && *expires + rules.leeway_ms <= now_ms) return refusal(Outcome::expired);
  if (not_before && *not_before - rules.leeway_ms > now_ms) return refusal(Outcome::not_yet_valid);
  for (const auto& name : rules.required)
    if (!claim(claims, name)) return missing_claim(name);
  if (!rules.issuers.empty()) {
    const json::value* issuer = claim(claims, "iss");
    if (!issuer) return missing_claim("iss");
    if (!issuer->is_string()) throw MalformedIdentity();
    if (!among(*issuer, rules.issuers)) return refusal(Outcome::issuer);
  }
  if (!rules.audiences.empty()) {
    const json::value* audience = claim(claims, "aud");
    if (!audience) return missing_claim("aud");
    if (!for_audience(*audience, rules.audiences)) return refusal(Outcome::audience);
  }

  Identity identity = read_identity(payload, rules.identity);
  identity.claims = std::move(text);
  identity.expires_ms = expires ? *expires + rules.leeway_ms : 0;
  return {Outcome::accepted, {}, std::make_shared<const Identity>(std::move(identity))};
}

}  // namespace

Verdict judge_claims(const config::JwtConfig& rules, std::string payload, std::int64_t now_ms) {
  try {
    return judge(rules, std::move(payload), now_ms);
  } catch (const MalformedIdentity&) {
    return refusal(Outcome::malformed);
  }
}

}  // namespace dragoman::service::jwt
