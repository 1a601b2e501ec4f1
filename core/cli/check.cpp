// SPDX-License-Identifier: Apache-2.0
// dragoman check FILE
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/settings.hpp"
#include "gateway/gateway.hpp"
#include "gateway/settings_check.hpp"
#include "plugin/call_board.hpp"

namespace dragoman::cli {
namespace {

struct Options {
  std::string file, state, calls_file;
  std::vector<std::string> plugins;
};

int check(const Options& options) {
  if (!options.calls_file.empty()) plugin::keep_calls(options.calls_file);
  gateway::GatewayOptions gateway_options;
  gateway_options.plugin_directories = options.plugins;
  const config::Configuration configuration =
      load_configuration(options.file, options.state, gateway::settings_check(gateway_options));
  const auto errors = gateway::Gateway::check(configuration, gateway_options);
  if (!errors.empty()) {
    std::string text = fmt::format("{} in the configuration", count_of(errors.size(), "error"));
    for (const auto& error : errors) text += "\n" + error;
    throw Failure(text);
  }
  fmt::print("{}: good: {}, {}, {}, {}\n", options.file, count_of(configuration.listeners.size(), "listener"),
             configuration.buses.size() == 1 ? "1 bus" : fmt::format("{} buses", configuration.buses.size()),
             count_of(configuration.authenticators.size(), "authenticator"),
             count_of(configuration.mounts.size(), "mount"));
  return exit_ok;
}

}  // namespace

void add_check(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("check", "Say everything that is wrong with a configuration file");
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "The configuration; conf.d/*.yaml beside it belongs to it")->required();
  command->add_option("--state", options->state, "Directory for state instead of the configured one")->type_name("DIR");
  command->add_option("--plugins", options->plugins, "Directory with plugins; may be given several times")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command
      ->add_option("--calls-file", options->calls_file,
                   "Keep in this file which calls into plugins are under way (for dragoman verify-plugin)")
      ->type_name("FILE");
  command->footer(
      "The file is read, references such as ${file:PATH} are followed, the plugins are loaded and\n"
      "given their settings. No socket is opened. Exit code 0: the gateway would take it; 1: it\n"
      "would not, and every error has been printed.");
  command->callback([options, &code] { code = check(*options); });
}

}  // namespace dragoman::cli
