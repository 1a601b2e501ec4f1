// SPDX-License-Identifier: Apache-2.0
// Completions of bash, zsh and fish.
#include <fmt/format.h>

#include <algorithm>

#include "cli/command_tree.hpp"

namespace dragoman::cli {
namespace {

// In single quotes; with `special` characters behind a backslash.
std::string quoted(std::string_view text, std::string_view special = "") {
  std::string out = "'";
  for (const char c : text) {
    if (special.find(c) != special.npos) out += '\\';
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

bool is_file(const OptionText& option) {
  return option.value == "FILE" || option.names.front() == "FILE";
}

bool is_directory(const OptionText& option) {
  return option.value == "DIR" || option.names.front() == "DIR";
}

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  return fmt::format("{}", fmt::join(words, between));
}

std::string function_of(const CommandText& command) {
  std::string name = "_dragoman" + (command.path.empty() ? "" : "_" + command.path);
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string bash_value(const OptionText& option) {
  if (!option.choices.empty()) return fmt::format("words={}", quoted(joined(option.choices)));
  if (is_file(option)) return "files=-f";
  if (is_directory(option)) return "files=-d";
  return "return";
}

}  // namespace

std::string bash_completion(const CommandText& program) {
  std::string commands, values, words;
  each_command(program, [&](const CommandText& command) {
    if (!command.path.empty()) {
      const std::string above = command.path.size() > command.name.size()
                                    ? command.path.substr(0, command.path.size() - command.name.size() - 1)
                                    : "";
      commands += fmt::format("      {}) command={} ;;\n", quoted(above + "|" + command.name), quoted(command.path));
    }
    std::vector<std::string> here;
    std::string files;
    for (const CommandText& below : command.commands) here.push_back(below.name);
    for (const OptionText& option : command.positionals) {
      here.insert(here.end(), option.choices.begin(), option.choices.end());
      if (is_file(option)) files = " files=-f";
      if (is_directory(option)) files = " files=-d";
    }
    for (const OptionText& option : command.options)
      for (const std::string& name : option.names) {
        here.push_back(name);
        if (!option.value.empty())
          values += fmt::format("    {}) {} ;;\n", quoted(command.path + "|" + name), bash_value(option));
      }
    words += fmt::format("      {}) words={}{} ;;\n", quoted(command.path), quoted(joined(here)), files);
  });
  return "# bash completion of dragoman; printed by: dragoman completion bash\n_dragoman() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= files= i\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    case \"$command|${COMP_WORDS[i]}\" in\n" +
         commands +
         "    esac\n  done\n"
         "  case \"$command|$before\" in\n" +
         values + "    *) case \"$command\" in\n" + words +
         "    esac ;;\n  esac\n"
         "  [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  if [ -n \"$files\" ] && [ ${#COMPREPLY[@]} -eq 0 -o \"$current\" = '' ]; then\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen \"$files\" -- \"$current\")\n"
         "  fi\n}\ncomplete -F _dragoman dragoman\n";
}

std::string zsh_completion(const CommandText& program) {
  std::string text = "#compdef dragoman\n# zsh completion of dragoman; printed by: dragoman completion zsh\n";
  const auto action = [](const OptionText& option) {
    const std::string what = option.value.empty() ? option.names.front() : option.value;
    std::string message;
    for (const char c : what) message += c == ':' ? std::string("\\:") : std::string(1, c);
    if (!option.choices.empty()) return fmt::format(":{}:({})", message, joined(option.choices));
    return fmt::format(":{}:{}", message, is_file(option) ? "_files" : is_directory(option) ? "_files -/" : " ");
  };
  each_command(program, [&](const CommandText& command) {
    text += fmt::format("\n{}() {{\n  local curcontext=$curcontext state line\n", function_of(command));
    std::string arguments;
    for (const OptionText& option : command.options)
      for (const std::string& name : option.names) {
        std::string description;
        for (const char c : option.description)
          description += c == '[' || c == ']' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
        arguments +=
            fmt::format(" \\\n    {}", quoted(fmt::format("{}{}[{}]{}", option.repeated ? "*" : "", name, description,
                                                          option.value.empty() ? "" : action(option))));
      }
    for (std::size_t i = 0; i < command.positionals.size(); ++i)
      arguments += fmt::format(" \\\n    {}", quoted(fmt::format("{}{}", i + 1, action(command.positionals[i]))));
    if (command.commands.empty()) {
      text += fmt::format("  _arguments{}\n}}\n", arguments);
      return;
    }
    text += fmt::format(
        "  _arguments -C{} \\\n    '1: :->command' \\\n    '*:: :->arguments'\n  case $state in\n"
        "    command)\n      local -a commands=(\n",
        arguments);
    for (const CommandText& below : command.commands)
      text += fmt::format("        {}\n", quoted(below.name + ":" + below.description));
    text += "      )\n      _describe command commands ;;\n    arguments)\n      case $line[1] in\n";
    for (const CommandText& below : command.commands)
      text += fmt::format("        {}) {} ;;\n", below.name, function_of(below));
    text += "      esac ;;\n  esac\n}\n";
  });
  return text +
         "\nif [ \"$funcstack[1]\" = _dragoman ]; then\n  _dragoman \"$@\"\nelse\n  compdef _dragoman dragoman\nfi\n";
}

std::string fish_completion(const CommandText& program) {
  std::string text = "# fish completion of dragoman; printed by: dragoman completion fish\ncomplete -c dragoman -f\n";
  each_command(program, [&](const CommandText& command) {
    std::string condition = "__fish_use_subcommand";
    if (!command.path.empty()) {
      std::string path = command.path;
      condition.clear();
      for (std::size_t at = 0; at != path.npos;) {
        const std::size_t space = path.find(' ', at);
        condition += fmt::format("{}__fish_seen_subcommand_from {}", at ? "; and " : "", path.substr(at, space - at));
        at = space == path.npos ? space : space + 1;
      }
    }
    const std::string line = "complete -c dragoman -n " + quoted(condition, "\\");
    for (const CommandText& below : command.commands)
      text += fmt::format("{} -a {} -d {}\n", line, below.name, quoted(below.description, "\\"));
    for (const OptionText& option : command.positionals) {
      if (!option.choices.empty()) text += fmt::format("{} -a {}\n", line, quoted(joined(option.choices)));
      if (is_file(option)) text += line + " -F\n";
      if (is_directory(option)) text += line + " -a '(__fish_complete_directories)'\n";
    }
    for (const OptionText& option : command.options) {
      text += line;
      for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.value.empty()) text += is_file(option) ? " -r" : " -x";
      if (!option.choices.empty()) text += " -a " + quoted(joined(option.choices));
      if (is_file(option)) text += " -F";
      if (is_directory(option)) text += " -a '(__fish_complete_directories)'";
      text += fmt::format(" -d {}\n", quoted(option.description, "\\"));
    }
  });
  return text;
}

}  // namespace dragoman::cli
