// SPDX-License-Identifier: Apache-2.0
#include "service/jwt/claims.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <optional>

#include "service/jwt/strict_json.hpp"

namespace dragoman::service::jwt {
namespace {

namespace json = boost::json;

struct Malformed {};

constexpr double latest = 253402300799.0;                        // seconds: the end of the year 9999
constexpr std::size_t longest_text = 256, longest_grant = 1024;  // bytes, as in the configuration

// A claim that is null says nothing.
const json::value* claim(const json::object& payload, const std::string& name) {
  const json::value* value = payload.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

// Milliseconds of Unix time.
std::optional<std::int64_t> time(const json::object& payload, const std::string& name) {
  const json::value* value = payload.if_contains(name);
  if (!value) return std::nullopt;
  if (!value->is_number()) throw Malformed();
  const auto seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= latest)) throw Malformed();
  return static_cast<std::int64_t>(std::llround(seconds * 1000));
}

bool among(const json::value& value, const std::vector<std::string>& wanted) {
  const json::string& text = value.as_string();
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return text == w; });
}

bool for_audience(const json::value& audience, const std::vector<std::string>& wanted) {
  if (audience.is_string()) return among(audience, wanted);
  if (!audience.is_array()) throw Malformed();
  bool found = false;
  for (const auto& one : audience.get_array()) {
    if (!one.is_string()) throw Malformed();
    found = found || among(one, wanted);
  }
  return found;
}

std::string checked(std::string text, std::size_t most) {
  if (text.size() > most ||
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    throw Malformed();
  return text;
}

const json::value* at(const json::value& payload, const std::string& pointer) {
  json::error_code error;
  return payload.find_pointer(pointer, error);
}

std::string text_at(const json::value& payload, const config::ClaimPointers& pointers) {
  for (const auto& pointer : pointers) {
    const json::value* value = at(payload, pointer);
    if (!value) continue;
    if (value->is_string() && !value->get_string().empty())
      return checked(std::string(value->get_string()), longest_text);
    if (value->is_number()) return json::serialize(*value);
  }
  return {};
}

std::vector<std::string> words_of(const json::string& text) {
  std::vector<std::string> out;
  std::string_view rest(text.data(), text.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (end) out.push_back(checked(std::string(rest.substr(0, end)), longest_grant));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::vector<std::string> grants_at(const json::value& payload, const config::ClaimPointers& pointers) {
  for (const auto& pointer : pointers) {
    const json::value* value = at(payload, pointer);
    if (!value) continue;
    if (value->is_string()) return words_of(value->get_string());
    if (!value->is_array()) continue;
    std::vector<std::string> out;
    for (const auto& grant : value->get_array()) {
      if (!grant.is_string() || grant.get_string().empty()) throw Malformed();
      out.push_back(checked(std::string(grant.get_string()), longest_grant));
    }
    return out;
  }
  return {};
}

Verdict judge(const config::JwtConfig& rules, std::string text, std::int64_t now_ms) {
  auto parsed = parse_strict(text);
  if (!parsed) throw Malformed();
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
    if (!issuer->is_string()) throw Malformed();
    if (!among(*issuer, rules.issuers)) return refusal(Outcome::issuer);
  }
  if (!rules.audiences.empty()) {
    const json::value* audience = claim(claims, "aud");
    if (!audience) return missing_claim("aud");
    if (!for_audience(*audience, rules.audiences)) return refusal(Outcome::audience);
  }

  Identity identity;
  identity.id = text_at(payload, rules.identity.id);
  identity.user = text_at(payload, rules.identity.user);
  identity.tenant = text_at(payload, rules.identity.tenant);
  identity.account = text_at(payload, rules.identity.account);
  identity.session = text_at(payload, rules.identity.session);
  identity.grants = grants_at(payload, rules.identity.grants);
  identity.claims = std::move(text);
  identity.expires_ms = expires ? *expires + rules.leeway_ms : 0;
  return {Outcome::accepted, {}, std::make_shared<const Identity>(std::move(identity))};
}

}  // namespace

Verdict judge_claims(const config::JwtConfig& rules, std::string payload, std::int64_t now_ms) {
  try {
    return judge(rules, std::move(payload), now_ms);
  } catch (const Malformed&) {
    return refusal(Outcome::malformed);
  }
}

}  // namespace dragoman::service::jwt
