// SPDX-License-Identifier: Apache-2.0
#include "cli/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace dragoman::cli {
namespace {

OptionText describe(const CLI::Option& option) {
  OptionText text;
  for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
  if (option.get_positional()) text.names = {option.get_name(true)};
  if (option.get_items_expected_max() > 0 && option.get_type_size_max() > 0) {
    // What CLI11 adds to the name of the type: "TEXT:{base64,hex}", "SECONDS:INT in [0 - 9]".
    const std::string type = option.get_type_name();
    const std::size_t colon = type.find(':');
    text.value = type.substr(0, colon);
    if (colon != type.npos && colon + 1 < type.size() && type[colon + 1] == '{' && type.back() == '}')
      text.choices = CLI::detail::split(type.substr(colon + 2, type.size() - colon - 3), ',');
    text.standard = option.get_default_str();
  }
  text.environment = option.get_envname();
  text.description = option.get_description();
  text.required = option.get_required();
  text.repeated = option.get_items_expected_max() > 1;
  return text;
}

CommandText describe(const CLI::App& app, const std::string& path) {
  CommandText text;
  text.path = path;
  text.name = app.get_name();
  text.description = app.get_description();
  if (!app.get_parent() || app.get_footer() != app.get_parent()->get_footer()) text.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty())
      (option->get_positional() ? text.positionals : text.options).push_back(describe(*option));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); }))
    text.commands.push_back(describe(*command, path.empty() ? command->get_name() : path + " " + command->get_name()));
  return text;
}

}  // namespace

CommandText describe(const CLI::App& program) {
  return describe(program, "");
}

}  // namespace dragoman::cli
