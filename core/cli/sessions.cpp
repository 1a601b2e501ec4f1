// SPDX-License-Identifier: Apache-2.0
// dragoman sessions
#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "cli/admin_access.hpp"
#include "cli/commands.hpp"
#include "cli/settings.hpp"

namespace dragoman::cli {
namespace {

namespace json = boost::json;

struct Options {
  AdminAccess admin;
  std::string mount;
  unsigned limit = 1000;
  bool json = false;
};

int print_sessions(const Options& options) {
  HttpClient client(options.admin.url, options.admin.secret());
  const HttpAnswer answer =
      client.get(fmt::format("/mounts/{}/sessions?limit={}", name_for_url(options.mount, "mount"), options.limit));
  const json::object list = object_of(answer);
  if (options.json) {
    fmt::print("{}", answer.body);
    return exit_ok;
  }
  const json::array& sessions = list.at("sessions").as_array();
  const bool nodes = !sessions.empty() && sessions.front().as_object().contains("node");
  const auto row = [&](const auto& node, const auto& session, const auto& shard, const auto& subscriptions,
                       const auto& queued, const auto& user, const auto& details) {
    if (nodes) fmt::print("{:<16} ", node);
    fmt::print("{:<18} {:>5} {:>13} {:>8}  {:<24} {}\n", session, shard, subscriptions, queued, user, details);
  };
  row("node", "session", "shard", "subscriptions", "queued", "user", "details");
  for (const json::value& value : sessions) {
    const json::object& s = value.as_object();
    std::string user = member_text(s, "user");
    if (const std::string account = member_text(s, "account"); !account.empty())
      user += (user.empty() ? "@" : " @") + account;
    std::string details = member_text(s, "id");
    if (const std::string data = member_text(s, "data"); !data.empty()) details += (details.empty() ? "" : " ") + data;
    row(member_text(s, "node"), member_text(s, "session"), member_text(s, "shard"), member_text(s, "subscriptions"),
        member_text(s, "queued_bytes"), user, details);
  }
  const auto total = list.at("total").to_number<std::size_t>();
  if (total > sessions.size()) fmt::print("{} of {}\n", sessions.size(), count_of(total, "session"));
  if (list.contains("complete"))
    fmt::print(stderr, "A node of the cluster has not answered in time: its sessions may be missing.\n");
  return exit_ok;
}

}  // namespace

void add_sessions(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("sessions", "List the sessions of a mount of a running gateway");
  const auto options = std::make_shared<Options>();
  command->add_option("mount", options->mount, "Name of the mount")->required();
  options->admin.add_options(*command);
  command->add_option("--limit", options->limit, "Sessions at most")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print what the gateway answered");
  command->callback([options, &code] { code = print_sessions(*options); });
}

}  // namespace dragoman::cli
