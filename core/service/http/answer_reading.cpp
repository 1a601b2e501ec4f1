// SPDX-License-Identifier: Apache-2.0
#include "service/http/answer_reading.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "base/rfc3339.hpp"
#include "service/identity_reading.hpp"
#include "service/jwt/strict_json.hpp"

namespace dragoman::service::http {
namespace {

namespace json = boost::json;

constexpr double latest = 253402300799.0;  // seconds: the end of the year 9999
constexpr std::size_t zone_from = 19;      // behind 2030-01-31T12:00:00

std::int64_t time_of(const json::value& value) {
  if (value.is_number()) {
    const auto seconds = value.to_number<double>();
    if (!(seconds >= 0 && seconds <= latest)) throw MalformedIdentity();
    return static_cast<std::int64_t>(std::llround(seconds * 1000));
  }
  if (!value.is_string()) throw MalformedIdentity();
  const auto time = read_time({value.get_string().data(), value.get_string().size()});
  if (!time) throw MalformedIdentity();
  return *time;
}

bool asks_nothing(const config::HttpAuthConfig& rules) {
  const config::IdentityPointers& i = rules.identity;
  return i.id.empty() && i.user.empty() && i.tenant.empty() && i.account.empty() && i.session.empty() &&
         i.grants.empty() && rules.expires.empty() && rules.claims.empty();
}

}  // namespace

std::optional<std::int64_t> read_time(std::string_view text) {
  std::string whole(text);
  if (whole.size() > 10 && whole[10] == ' ') whole[10] = 'T';
  if (whole.size() >= zone_from && whole.find_first_of("Zz+-", zone_from) == whole.npos) whole += 'Z';
  return base::parse_rfc3339(whole);
}

std::optional<Identity> read_answer(const config::HttpAuthConfig& rules, std::string_view body) {
  if (asks_nothing(rules)) return Identity();
  auto parsed = body.empty() ? std::nullopt : jwt::parse_strict(body);
  if (!parsed) return std::nullopt;
  const json::value document(std::move(*parsed));
  try {
    Identity out = read_identity(document, rules.identity);
    if (const json::value* expires = value_at(document, rules.expires))
      out.expires_ms = std::max<std::int64_t>(time_of(*expires) + rules.leeway_ms, 1);
    const json::value* claims = rules.claims.empty() ? &document : value_at(document, rules.claims);
    if (claims && !claims->is_object()) return std::nullopt;
    if (claims) out.claims = json::serialize(*claims);
    return out;
  } catch (const MalformedIdentity&) {
    return std::nullopt;
  }
}

}  // namespace dragoman::service::http
