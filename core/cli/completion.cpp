// SPDX-License-Identifier: Apache-2.0
// dragoman completion SHELL, dragoman manual
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_tree.hpp"
#include "cli/commands.hpp"

namespace dragoman::cli {

void add_completion(CLI::App& app, int& code) {
  auto* completion = app.add_subcommand("completion", "Print what lets a shell complete command lines");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "Which shell")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer(
      "The Debian and RPM packages install it. Otherwise, for this session of bash:\n"
      "  . <(dragoman completion bash)");
  completion->callback([&app, shell, &code] {
    const CommandText program = describe(app);
    const std::string text = *shell == "bash"  ? bash_completion(program)
                             : *shell == "zsh" ? zsh_completion(program)
                                               : fish_completion(program);
    fmt::print("{}", text);
    code = exit_ok;
  });
  auto* manual = app.add_subcommand("manual", "Print the page of the manual, in roff");
  manual->footer("To read it: dragoman manual | man -l -");
  manual->callback([&app, &code] {
    fmt::print("{}", manual_page(describe(app)));
    code = exit_ok;
  });
}

}  // namespace dragoman::cli
