// SPDX-License-Identifier: Apache-2.0
// dragoman token jwt, dragoman token show
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "base/clock.hpp"
#include "base/rfc3339.hpp"
#include "cli/commands.hpp"
#include "cli/jwt.hpp"
#include "cli/settings.hpp"
#include "config/units.hpp"

namespace dragoman::cli {
namespace {

namespace json = boost::json;

struct JwtOptions {
  std::string secret, secret_file;
  std::string algorithm = "HS256";
  std::string expires_in = "1h";
  std::vector<std::string> claims, json_claims;
};

struct ShowOptions {
  std::string config, authenticator;
};

json::object claims_of(const JwtOptions& options) {
  const std::int64_t now = base::unix_ms() / 1000;
  json::object claims;
  claims["iat"] = now;
  if (options.expires_in != "never") {
    const auto lifetime = config::parse_duration(options.expires_in);
    if (!lifetime || *lifetime < 1000)
      throw WrongUsage(fmt::format("--expires-in wants a duration such as 30m, 12h or 7d, or never, not \"{}\"",
                                   options.expires_in));
    claims["exp"] = now + *lifetime / 1000;
  }
  for (const auto& text : options.claims) {
    const auto pair = split_pair(text, "--claim");
    claims[pair.first] = pair.second;
  }
  for (const auto& text : options.json_claims) {
    const auto pair = split_pair(text, "--claim-json");
    json::error_code error;
    claims[pair.first] = json::parse(pair.second, error);
    if (error)
      throw WrongUsage(fmt::format("--claim-json {}: the value is not JSON ({})", pair.first, error.message()));
  }
  return claims;
}

int mint(const JwtOptions& options) {
  if (options.secret.empty() && options.secret_file.empty())
    throw WrongUsage("say what to sign with: --secret-file FILE or --secret SECRET");
  const std::string claims = json::serialize(claims_of(options));
  const std::string secret =
      options.secret_file.empty() ? options.secret : read_secret_file(options.secret_file, "the secret");
  const std::size_t wanted = secret_bytes(options.algorithm);
  if (secret.size() < wanted)
    fmt::print(stderr, "dragoman: warning: the secret has {}; {} needs {} to be safe (RFC 7518)\n",
               count_of(secret.size(), "byte"), options.algorithm, wanted);
  fmt::print("{}\n", make_jwt(options.algorithm, secret, claims));
  return exit_ok;
}

const config::AuthenticatorConfig& choose(const config::Configuration& configuration, const std::string& name) {
  std::string names;
  const config::AuthenticatorConfig* found = nullptr;
  std::size_t count = 0;
  for (const auto& authenticator : configuration.authenticators) {
    if (authenticator.type != "static") continue;
    ++count;
    names += (names.empty() ? "" : ", ") + authenticator.name;
    if (name.empty() || name == authenticator.name) found = &authenticator;
  }
  if (!count) throw Failure("the configuration has no static authenticator, so there is no token to show");
  if (name.empty() && count > 1) throw Failure("say which one with --authenticator: " + names);
  if (!found) throw Failure(fmt::format("there is no static authenticator \"{}\"; there is: {}", name, names));
  return *found;
}

int show(const ShowOptions& options) {
  const config::Configuration configuration = load_configuration(options.config, {});
  const auto& authenticator = choose(configuration, options.authenticator);
  if (authenticator.tokens.empty()) fmt::print("authenticator {} has no tokens\n", authenticator.name);
  bool first = true;
  for (const auto& token : authenticator.tokens) {
    if (!first) fmt::print("\n");
    first = false;
    fmt::print("token    {}\n", token.token);
    const std::pair<const char*, const std::string*> texts[] = {{"id", &token.id},
                                                                {"user", &token.user},
                                                                {"tenant", &token.tenant},
                                                                {"account", &token.account},
                                                                {"session", &token.session}};
    for (const auto& [name, value] : texts)
      if (!value->empty()) fmt::print("{:<8} {}\n", name, *value);
    for (const auto& grant : token.grants) fmt::print("grant    {}\n", grant);
    if (!token.claims.empty()) fmt::print("claims   {}\n", json::serialize(token.claims));
    if (!token.expires_ms) {
      fmt::print("expires  never\n");
    } else {
      fmt::print("expires  {}{}\n", base::format_rfc3339(token.expires_ms),
                 token.expires_ms <= base::unix_ms() ? " (has passed)" : "");
    }
  }
  return exit_ok;
}

}  // namespace

void add_token(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("token", "Make or show the tokens that clients present");
  command->require_subcommand(1);

  auto* jwt_command = command->add_subcommand("jwt", "Sign a JSON Web Token, for development");
  const auto jwt = std::make_shared<JwtOptions>();
  auto* secret = jwt_command->add_option("--secret", jwt->secret,
                                         "What to sign with (other users can see it in the list of processes)");
  jwt_command->add_option("--secret-file", jwt->secret_file, "File that holds what to sign with")
      ->type_name("FILE")
      ->excludes(secret);
  jwt_command->add_option("--algorithm", jwt->algorithm, "How to sign")
      ->check(CLI::IsMember({"HS256", "HS384", "HS512"}))
      ->capture_default_str();
  jwt_command->add_option("--claim", jwt->claims, "Claim whose value is a text; may be given several times")
      ->type_name("NAME=TEXT")
      ->allow_extra_args(false);
  jwt_command->add_option("--claim-json", jwt->json_claims, "Claim whose value is any JSON; may be given several times")
      ->type_name("NAME=JSON")
      ->allow_extra_args(false);
  jwt_command->add_option("--expires-in", jwt->expires_in, "How long it is good: 30m, 12h, 7d, or never")
      ->capture_default_str();
  jwt_command->footer(
      "The claims iat and exp are set unless given. Example:\n"
      "  dragoman token jwt --secret-file jwt.secret --claim sub=alice --claim-json 'groups=[\"a\"]'");
  jwt_command->callback([jwt, &code] { code = mint(*jwt); });

  auto* show_command = command->add_subcommand("show", "Show the tokens of a static authenticator, secrets included");
  const auto shown = std::make_shared<ShowOptions>();
  show_command->add_option("--config", shown->config, "The configuration")->required()->type_name("FILE");
  show_command->add_option("--authenticator", shown->authenticator, "Which authenticator, when there are several");
  show_command->callback([shown, &code] { code = show(*shown); });
}

}  // namespace dragoman::cli
