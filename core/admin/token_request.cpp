// SPDX-License-Identifier: Apache-2.0
#include "admin/token_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "event/publish_rules.hpp"

namespace dragoman::admin {
namespace {

using event::refuse;

// The bounds of the same members in the configuration file.
constexpr std::size_t token_bytes = 4096;
constexpr std::size_t name_bytes = 256;
constexpr std::size_t grant_bytes = 1024;
constexpr std::int64_t longest_seconds = 100LL * 366 * 24 * 3600;

event::Members members_of(const event::Json& document) {
  if (!document.value().is_object())
    refuse(fmt::format("the body is a JSON object, not {}", event::kind_of(document.value())));
  return event::members(document.value(), document.text(), 16, {});
}

std::string token_of(const event::Member& member) {
  std::string token(event::string_of(*member.value, "/token"));
  event::check_name(token, token_bytes, "/token");
  return token;
}

std::vector<std::string> grants_of(const event::Member& member) {
  const std::string at = "/grants";
  if (!member.value->is_array())
    refuse(fmt::format("this must be an array of strings, not {}", event::kind_of(*member.value)), at);
  std::vector<std::string> out;
  for (const auto& value : member.value->get_array()) {
    const std::string place = at + "/" + std::to_string(out.size());
    out.emplace_back(event::string_of(value, place));
    event::check_name(out.back(), grant_bytes, place);
  }
  return out;
}

std::int64_t seconds_of(const event::Member& member) {
  const auto& value = *member.value;
  if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > longest_seconds)
    refuse(fmt::format("this must be a whole number of seconds from 1 to {}", longest_seconds), "/expires_in");
  return value.get_int64();
}

std::string* text_member(service::Identity& identity, std::string_view name) {
  if (name == "id") return &identity.id;
  if (name == "user") return &identity.user;
  if (name == "tenant") return &identity.tenant;
  if (name == "account") return &identity.account;
  if (name == "session") return &identity.session;
  return nullptr;
}

}  // namespace

TokenRequest parse_token_request(std::string_view body, std::int64_t now_ms) {
  const event::Json document(body, {});
  TokenRequest out;
  for (const event::Member& member : members_of(document)) {
    const event::Place at = event::Place::member({}, member.name);
    if (std::string* text = text_member(out.identity, member.name)) {
      *text = event::string_of(*member.value, at);
      if (!text->empty()) event::check_name(*text, name_bytes, at);
    } else if (member.name == "token") {
      out.token = token_of(member);
    } else if (member.name == "grants") {
      out.identity.grants = grants_of(member);
    } else if (member.name == "claims") {
      if (!member.value->is_object())
        refuse(fmt::format("this must be an object, not {}", event::kind_of(*member.value)), at);
      out.identity.claims = boost::json::serialize(*member.value);
    } else if (member.name == "expires" || member.name == "expires_in") {
      if (out.identity.expires_ms) refuse("expires and expires_in exclude each other", at);
      out.identity.expires_ms = member.name == "expires" ? event::check_time(event::string_of(*member.value, at), at)
                                                         : now_ms + seconds_of(member) * 1000;
      if (out.identity.expires_ms <= now_ms) refuse("this time has passed; to end a token, revoke it", at);
    } else {
      refuse("a token has token, id, user, tenant, account, session, grants, claims, expires or expires_in, but no " +
                 event::quoted(member.name),
             at);
    }
  }
  if (out.token.empty()) refuse("token is missing", "/token");
  return out;
}

std::string parse_revoke_request(std::string_view body) {
  const event::Json document(body, {});
  std::string out;
  for (const event::Member& member : members_of(document)) {
    if (member.name != "token")
      refuse("the body has token and nothing else, but no " + event::quoted(member.name),
             event::Place::member({}, member.name));
    out = token_of(member);
  }
  if (out.empty()) refuse("token is missing", "/token");
  return out;
}

}  // namespace dragoman::admin
