// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "common/failure.hpp"
#include "common/settings.hpp"

namespace journals::postgres {
namespace {

bool valid_schema(std::string_view s) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !s.empty() && s.size() <= 63 && letter(s[0]) &&
         std::all_of(s.begin(), s.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// A password with @, / or : that is not percent-encoded shifts the parts of a URL, and libpq would name pieces of the
// password as host or port in its messages.
bool ambiguous_url(std::string_view connection, bool has_user) {
  if (!connection.starts_with("postgresql://") && !connection.starts_with("postgres://")) return false;
  const auto signs = std::count(connection.begin(), connection.end(), '@');
  return signs > 1 || (signs == 1 && !has_user);
}

}  // namespace

Settings read_settings(const boost::json::object& settings) {
  Settings out;
  out.connection = text_setting(settings, "connection");
  out.schema = text_setting(settings, "schema");
  out.timeout_ms = static_cast<int>(integer_setting(settings, "timeout_ms", 100, 600000));
  if (!valid_schema(out.schema))
    throw Failure(DGM_E_INVALID,
                  "settings.schema must be 1 to 63 lower-case letters, digits and _, and not begin with a digit");
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(out.connection.c_str(), nullptr), PQconninfoFree);
  if (!parsed)
    throw Failure(DGM_E_INVALID,
                  "settings.connection is neither key=value pairs nor a postgresql:// URL that libpq understands");
  bool has_user = false;
  for (const PQconninfoOption* option = parsed.get(); option->keyword; ++option) {
    if (!option->val || !*option->val) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "user") has_user = true;
    if (keyword == "password" || keyword == "sslpassword") out.secrets.emplace_back(option->val);
  }
  if (ambiguous_url(out.connection, has_user))
    throw Failure(DGM_E_INVALID,
                  "settings.connection is a URL with a bare @, / or : in its user or password; write %40, %2F or %3A");
  return out;
}

std::string without_secrets(const Settings& settings, std::string message) {
  for (const std::string& secret : settings.secrets)
    for (std::size_t at = 0; (at = message.find(secret, at)) != std::string::npos; at += 3)
      message.replace(at, secret.size(), "***");
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  std::replace(message.begin(), message.end(), '\n', ' ');
  return message;
}

}  // namespace journals::postgres
