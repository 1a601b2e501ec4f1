// SPDX-License-Identifier: Apache-2.0
// The command line as CLI11 knows it, for those who describe it elsewhere: shells and the manual.
#pragma once
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace dragoman::cli {

struct OptionText {
  std::vector<std::string> names;  // "-h", "--help"; of a positional: its one name without dashes
  std::string value;               // what is to be given: FILE; empty: nothing
  std::vector<std::string> choices;
  std::string standard;     // its default; empty: none
  std::string environment;  // a variable that takes its place
  std::string description;
  bool required = false, repeated = false;
};

struct CommandText {
  std::string path;  // "token jwt"; empty: the program
  std::string name, description;
  std::string footer;  // only if it is its own
  std::vector<OptionText> options, positionals;
  std::vector<CommandText> commands;
};

CommandText describe(const CLI::App& program);

// Calls f with the command and everything below it, those above first.
template <class F>
void each_command(const CommandText& command, F&& f) {
  f(command);
  for (const CommandText& below : command.commands) each_command(below, f);
}

std::string bash_completion(const CommandText& program);
std::string zsh_completion(const CommandText& program);
std::string fish_completion(const CommandText& program);
// For man(1), in roff.
std::string manual_page(const CommandText& program);

}  // namespace dragoman::cli
