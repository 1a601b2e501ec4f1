// SPDX-License-Identifier: Apache-2.0
// dragoman sessions
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/http_client.hpp"
#include "cli/printable.hpp"
#include "cli/refusal.hpp"
#include "cli/settings.hpp"

namespace dragoman::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string url = "http://127.0.0.1:9600";
  std::string token, token_file, mount;
  unsigned limit = 1000;
  bool json = false;
};

std::string text(const json::object& from, const char* key) {
  const json::value* value = from.if_contains(key);
  if (!value) return {};
  return printable(value->is_string() ? std::string(value->get_string()) : json::serialize(*value));
}

int list(const Options& options) {
  const std::string token =
      options.token_file.empty() ? options.token : read_secret_file(options.token_file, "the token");
  HttpClient client(options.url, token);
  const HttpAnswer answer = client.get(fmt::format("/mounts/{}/sessions?limit={}", options.mount, options.limit));
  if (answer.status != 200) throw Failure(sentence_of(answer));
  if (options.json) {
    fmt::print("{}", answer.body);
    return exit_ok;
  }
  boost::system::error_code failure;
  const json::value parsed = json::parse(answer.body, failure);
  if (failure || !parsed.is_object()) throw Failure("the gateway answered something that is not JSON");
  const json::array& sessions = parsed.at("sessions").as_array();
  const bool nodes = !sessions.empty() && sessions.front().as_object().contains("node");
  const auto row = [&](const auto& node, const auto& session, const auto& shard, const auto& subscriptions,
                       const auto& queued, const auto& user, const auto& details) {
    if (nodes) fmt::print("{:<16} ", node);
    fmt::print("{:<18} {:>5} {:>13} {:>8}  {:<24} {}\n", session, shard, subscriptions, queued, user, details);
  };
  row("node", "session", "shard", "subscriptions", "queued", "user", "details");
  for (const json::value& value : sessions) {
    const json::object& s = value.as_object();
    std::string user = text(s, "user");
    if (const std::string account = text(s, "account"); !account.empty()) user += (user.empty() ? "@" : " @") + account;
    std::string details = text(s, "id");
    if (const std::string data = text(s, "data"); !data.empty()) details += (details.empty() ? "" : " ") + data;
    row(text(s, "node"), text(s, "session"), text(s, "shard"), text(s, "subscriptions"), text(s, "queued_bytes"), user,
        details);
  }
  const auto total = parsed.at("total").to_number<std::size_t>();
  if (total > sessions.size()) fmt::print("{} of {}\n", sessions.size(), count_of(total, "session"));
  if (parsed.as_object().contains("complete"))
    fmt::print(stderr, "A node of the cluster has not answered in time: its sessions may be missing.\n");
  return exit_ok;
}

}  // namespace

void add_sessions(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("sessions", "List the sessions of a mount of a running gateway");
  const auto options = std::make_shared<Options>();
  command->add_option("mount", options->mount, "Name of the mount")->required();
  command->add_option("--url", options->url, "The admin API")->capture_default_str();
  auto* token =
      command
          ->add_option("--token", options->token, "The admin token (other users can see it in the list of processes)")
          ->envname("DRAGOMAN_TOKEN");
  command->add_option("--token-file", options->token_file, "File that holds the admin token")
      ->type_name("FILE")
      ->excludes(token);
  command->add_option("--limit", options->limit, "Sessions at most")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print what the gateway answered");
  command->callback([options, &code] { code = list(*options); });
}

}  // namespace dragoman::cli
