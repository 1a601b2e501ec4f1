// SPDX-License-Identifier: Apache-2.0
// dragoman reload
#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "cli/admin_access.hpp"
#include "cli/commands.hpp"
#include "cli/printable.hpp"
#include "cli/refusal.hpp"

namespace dragoman::cli {
namespace {

namespace json = boost::json;

struct Options {
  AdminAccess admin;
  bool json = false;
};

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
  HttpClient client(options.admin.url, options.admin.secret());
  const HttpAnswer answer = client.post("/reload", "application/json", "");
  if (options.json) {
    fmt::print("{}", answer.body);
    return answer.status == 200 ? exit_ok : exit_failure;
  }
  if (answer.status != 200) refused(answer);
  const json::object report = object_of(answer);
  const json::value* changes = report.if_contains("changes");
  if (!changes || !changes->is_array()) throw Failure("the gateway answered something that is not JSON");
  for (const json::value& value : changes->get_array()) {
    if (!value.is_object()) continue;
    const json::object& change = value.get_object();
    std::string more = change.contains("sessions") ? member_text(change, "sessions") + " connected" : "";
    if (const std::string note = member_text(change, "note"); !note.empty()) more += (more.empty() ? "" : "; ") + note;
    fmt::print("{:<9} {:<14} {:<24} {}\n", member_text(change, "change"), member_text(change, "kind"),
               member_text(change, "name"), more);
  }
  return exit_ok;
}

}  // namespace

void add_reload(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("reload", "Let a running gateway read its configuration again");
  const auto options = std::make_shared<Options>();
  options->admin.add_options(*command);
  command->add_flag("--json", options->json, "Print what the gateway answered");
  command->footer(
      "Prints what was kept, added, changed, upgraded and removed, and how many clients each has. Exit\n"
      "code 0: the gateway runs the configuration as it is now; 1: it does not, nothing has changed, and\n"
      "every reason has been printed.");
  command->callback([options, &code] { code = reload(*options); });
}

}  // namespace dragoman::cli
