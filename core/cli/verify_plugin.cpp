// SPDX-License-Identifier: Apache-2.0
// dragoman verify-plugin
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <regex>

#include "cli/commands.hpp"
#include "cli/settings.hpp"
#include "config/files.hpp"
#include "config/yaml_reader.hpp"
#include "gateway/builder.hpp"
#include "verify/verify.hpp"

namespace dragoman::cli {
namespace {

namespace json = boost::json;

struct Options {
  verify::Options verify;
  std::string settings;
  std::vector<std::string> headers, events;
  bool as_json = false;
};

// A file, or the object itself.
json::object read_settings(const std::string& given) {
  if (given.empty()) return {};
  const bool inline_object = given.front() == '{';
  config::FileText file;
  if (!inline_object) file = config::read_file(given, config::largest_file);
  if (!file.problem.empty()) throw Failure(fmt::format("{}: {}", given, file.problem));
  config::Locations locations;
  std::vector<config::Error> errors;
  auto value =
      config::read_yaml(inline_object ? given : file.text, inline_object ? "SETTINGS" : given, locations, errors);
  const auto refuse = [&](const std::string& why) {
    if (inline_object) throw WrongUsage(why);
    throw Failure(why);
  };
  if (!errors.empty()) refuse(errors.front().text());
  if (value && value->is_null()) return {};
  if (!value || !value->is_object()) refuse("the settings are not an object");
  return std::move(value->get_object());
}

const char* word_of(verify::Outcome outcome) {
  return outcome == verify::Outcome::pass ? "PASS" : outcome == verify::Outcome::fail ? "FAIL" : "SKIP";
}

std::string indented(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::string out = "        ";
  for (const char c : text) c == '\n' ? out += "\n        " : out += c;
  return out;
}

void print(const verify::Report& report) {
  fmt::print("{}\n", report.file);
  for (const auto& finding : report.findings) {
    const bool good = finding.outcome == verify::Outcome::pass;
    fmt::print("  {}  {}{}\n", word_of(finding.outcome), finding.scenario,
               good && !finding.what.empty() ? ": " + finding.what : "");
    if (good) continue;
    fmt::print("{}\n{}\n", indented(finding.what), indented(finding.advice));
  }
}

void print_json(const verify::Report& report) {
  json::array findings;
  for (const auto& finding : report.findings)
    findings.push_back(json::object{{"scenario", finding.scenario},
                                    {"outcome", word_of(finding.outcome)},
                                    {"what", finding.what},
                                    {"advice", finding.advice}});
  fmt::print("{}\n", json::serialize(json::object{{"file", report.file},
                                                  {"name", report.name},
                                                  {"version", report.version},
                                                  {"roles", json::array(report.roles.begin(), report.roles.end())},
                                                  {"seed", report.seed},
                                                  {"failed", report.failed()},
                                                  {"findings", std::move(findings)}}));
}

int run(Options options) {
  std::error_code error;
  options.verify.program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  options.verify.neighbours = gateway::plugin_directories({}, {});
  options.verify.file = std::filesystem::absolute(options.verify.file).string();
  options.verify.settings = read_settings(options.settings);
  for (const auto& header : options.headers) {
    const auto colon = header.find(':');
    if (colon == std::string::npos || !colon) throw WrongUsage("--header wants 'NAME: VALUE'");
    const auto value = header.find_first_not_of(' ', colon + 1);
    options.verify.headers.emplace_back(header.substr(0, colon),
                                        value == std::string::npos ? "" : header.substr(value));
  }
  for (const auto& event : options.events) {
    std::error_code no_json;
    const json::value value = json::parse(event, no_json);
    if (no_json || !value.is_object()) throw WrongUsage("--event wants a JSON object");
    options.verify.events.push_back(value.get_object());
  }
  const verify::Report report = verify::verify(options.verify);
  options.as_json ? print_json(report) : print(report);
  return report.failed() ? exit_failure : exit_ok;
}

}  // namespace

void add_verify_plugin(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("verify-plugin", "Try a plugin in a gateway of its own and say what is wrong");
  const auto options = std::make_shared<Options>();
  auto& verify = options->verify;
  command->add_option("FILE", verify.file, "The plugin: a file NAME.so")->required();
  command->add_option("SETTINGS", options->settings, "Its settings: a file of YAML or JSON, or an object {...}");
  command->add_option("--path", verify.path, "Where the dialect opens sessions, with the query")->capture_default_str();
  command->add_option("--header", options->headers, "Header of the handshake; may be given several times")
      ->type_name("'NAME: VALUE'")
      ->allow_extra_args(false);
  command->add_option("--send", verify.send, "What each session says first; may be given several times")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command
      ->add_option("--upstream", verify.upstreams, "Name of an upstream that there shall be; it answers GET / with {}")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--event", options->events,
          "Event that reaches clients, {\"channel\": ..., \"key\": ..., \"body\": ...}; may be given several times")
      ->type_name("JSON")
      ->allow_extra_args(false);
  command->add_option("--request", verify.requests, "Plain HTTP that the dialect answers; may be given several times")
      ->type_name("'METHOD PATH'")
      ->allow_extra_args(false)
      ->check(CLI::Validator(
          [](const std::string& given) {
            static const std::regex form("[A-Z]+ /[!-~]*");
            return std::regex_match(given, form) ? std::string() : "is not of the form 'METHOD /PATH'";
          },
          ""));
  command->add_option("--channel", verify.channel, "Channel of the events that a bus is given, where it has several");
  command->add_option("--seed", verify.seed, "Of the fuzzing; the same seed says the same")->capture_default_str();
  command->add_option("--messages", verify.messages, "How many messages the fuzzing sends")
      ->capture_default_str()
      ->check(CLI::Range(0, 10'000'000));
  command
      ->add_option_function<unsigned>(
          "--patience", [&verify](unsigned seconds) { verify.patience = std::chrono::seconds(seconds); },
          "How long one call of the plugin may take")
      ->default_str("20")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600));
  command
      ->add_option("--keep", verify.keep, "Empty directory for configuration, logs and the last input, which then stay")
      ->type_name("DIR");
  command->add_flag("--json", options->as_json, "Print the report as JSON");
  command->footer(
      "The plugin runs in `dragoman serve --strict` on loopback, with an embedded bus, a journal if\n"
      "there is the plugin sqlite, and an authenticator that knows the token \"verify\" of the user \"verify\"\n"
      "and the account 0123456789abcdef0123456789abcdef. Give --send a subscription to the channel \"news\",\n"
      "or --send and --event what suits the dialect, so that its clients get the events that are published.\n"
      "Exit code 0: nothing failed; 1: something did, and the report says what to do.");
  command->callback([options, &code] { code = run(*options); });
}

}  // namespace dragoman::cli
