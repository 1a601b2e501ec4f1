// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/printable.hpp"
#include "cli/refusal.hpp"
#include "cli/settings.hpp"

namespace dragoman::cli {
namespace json = boost::json;

void AdminAccess::add_options(CLI::App& command) {
  command.add_option("--url", url, "Admin address of the gateway: http://HOST:PORT or unix:/PATH")
      ->capture_default_str();
  auto* given = command.add_option("--token", token, "Admin token (other users can see it in the list of processes)")
                    ->envname("DRAGOMAN_TOKEN");
  command.add_option("--token-file", token_file, "File that holds the admin token")->type_name("FILE")->excludes(given);
}

std::string AdminAccess::secret() const {
  std::string secret = token_file.empty() ? token : read_secret_file(token_file, "the token");
  if (std::none_of(secret.begin(), secret.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return secret;
  static constexpr const char* wrong = "has more than one line, or a control character";
  if (token_file.empty()) throw WrongUsage(fmt::format("the admin token {}", wrong));
  throw Failure(fmt::format("the token in {} {}", token_file, wrong));
}

const std::string& name_for_url(const std::string& name, const char* what) {
  const bool fits = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!fits)
    throw WrongUsage(fmt::format("\"{}\" cannot be the name of a {}: names have a-z, 0-9, - and _", name, what));
  return name;
}

json::object object_of(const HttpAnswer& answer) {
  if (answer.status != 200) throw Failure(sentence_of(answer));
  json::error_code failure;
  json::value parsed = json::parse(answer.body, failure);
  if (failure || !parsed.is_object()) throw Failure("the gateway answered something that is not JSON");
  return std::move(parsed.get_object());
}

std::string member_text(const json::object& from, const char* key) {
  const json::value* value = from.if_contains(key);
  if (!value) return {};
  return printable(value->is_string() ? std::string(value->get_string()) : json::serialize(*value));
}

}  // namespace dragoman::cli
