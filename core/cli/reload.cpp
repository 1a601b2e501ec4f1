// SPDX-License-Identifier: Apache-2.0
// dragoman reload
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
  std::string token, token_file;
  bool json = false;
};

std::string text(const json::object& from, const char* key) {
  const json::value* value = from.if_contains(key);
  if (!value) return {};
  return printable(value->is_string() ? std::string(value->get_string()) : json::serialize(*value));
}

[[noreturn]] void refused(const HttpAnswer& answer) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(answer.body, failure);
  const json::value* errors = !failure && parsed.is_object() ? parsed.get_object().if_contains("errors") : nullptr;
  if (!errors || !errors->is_array()) throw Failure(sentence_of(answer));
  std::string all = "the configuration is refused; nothing has changed";
  for (const json::value& error : errors->get_array())
    if (error.is_string()) all += '\n' + printable(std::string(error.get_string()));
  throw Failure(all);
}

int reload(const Options& options) {
  const std::string token =
      options.token_file.empty() ? options.token : read_secret_file(options.token_file, "the token");
  HttpClient client(options.url, token);
  const HttpAnswer answer = client.post("/reload", "application/json", "");
  if (options.json) {
    fmt::print("{}", answer.body);
    return answer.status == 200 ? exit_ok : exit_failure;
  }
  if (answer.status != 200) refused(answer);
  boost::system::error_code failure;
  const json::value parsed = json::parse(answer.body, failure);
  const json::value* changes = !failure && parsed.is_object() ? parsed.get_object().if_contains("changes") : nullptr;
  if (!changes || !changes->is_array()) throw Failure("the gateway answered something that is not JSON");
  for (const json::value& value : changes->get_array()) {
    if (!value.is_object()) continue;
    const json::object& change = value.get_object();
    std::string more = change.contains("sessions") ? text(change, "sessions") + " connected" : "";
    if (const std::string note = text(change, "note"); !note.empty()) more += (more.empty() ? "" : "; ") + note;
    fmt::print("{:<9} {:<14} {:<24} {}\n", text(change, "change"), text(change, "kind"), text(change, "name"), more);
  }
  return exit_ok;
}

}  // namespace

void add_reload(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("reload", "Let a running gateway read its configuration again");
  const auto options = std::make_shared<Options>();
  command->add_option("--url", options->url, "The admin API")->capture_default_str();
  auto* token =
      command
          ->add_option("--token", options->token, "The admin token (other users can see it in the list of processes)")
          ->envname("DRAGOMAN_TOKEN");
  command->add_option("--token-file", options->token_file, "File that holds the admin token")
      ->type_name("FILE")
      ->excludes(token);
  command->add_flag("--json", options->json, "Print what the gateway answered");
  command->footer(
      "Prints what was kept, added, changed, upgraded and removed, and how many clients each has. Exit\n"
      "code 0: the gateway runs the configuration as it is now; 1: it does not, nothing has changed, and\n"
      "every reason has been printed.");
  command->callback([options, &code] { code = reload(*options); });
}

}  // namespace dragoman::cli
