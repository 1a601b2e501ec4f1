// SPDX-License-Identifier: Apache-2.0
// dragoman plugins
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>

#include "cli/commands.hpp"
#include "cli/settings.hpp"
#include "gateway/builder.hpp"
#include "plugin/loader.hpp"

namespace dragoman::cli {
namespace {

struct Options {
  std::string config;
  std::vector<std::string> plugins;
};

using Row = std::array<std::string, 5>;

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

Row row_of(const plugin::PluginFile& file) {
  const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return {or_dash(file.name), or_dash(file.version), or_dash(file.abi), or_dash(joined(file.roles, ", ")),
          file.refusal.empty() ? file.path : "refused: " + file.refusal};
}

void print_table(const std::vector<Row>& rows) {
  std::array<std::size_t, 5> width{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i + 1 < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  for (const auto& row : rows)
    fmt::print("{:<{}}  {:<{}}  {:<{}}  {:<{}}  {}\n", row[0], width[0], row[1], width[1], row[2], width[2], row[3],
               width[3], row[4]);
}

int list(const Options& options) {
  gateway::GatewayOptions gateway_options;
  gateway_options.plugin_directories = options.plugins;
  const auto configuration = options.config.empty() ? config::Configuration{} : load_configuration(options.config, {});
  const auto directories = gateway::plugin_directories(configuration, gateway_options);
  const auto files = plugin::scan(directories);
  if (files.empty()) {
    fmt::print("There are no plugins in {}.\n", directories.empty() ? "any directory" : joined(directories, ", "));
    return exit_ok;
  }
  std::vector<Row> rows{{"NAME", "VERSION", "ABI", "ROLES", "FILE"}};
  bool refused = false;
  for (const auto& file : files) {
    rows.push_back(row_of(file));
    refused = refused || !file.refusal.empty();
  }
  print_table(rows);
  return refused ? exit_failure : exit_ok;
}

}  // namespace

void add_plugins(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("plugins", "List the installed plugins and say why one is refused");
  const auto options = std::make_shared<Options>();
  command->add_option("--plugins", options->plugins, "Directory with plugins; may be given several times")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_option("--config", options->config, "Look where this configuration says")->type_name("FILE");
  command->footer(
      "Without options: the plugins that came with the program, in ../lib/dragoman/plugins beside\n"
      "the directory of the program. Exit code 1 when a plugin is refused.");
  command->callback([options, &code] { code = list(*options); });
}

}  // namespace dragoman::cli
