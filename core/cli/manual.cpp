// SPDX-License-Identifier: Apache-2.0
// The page of the manual, from the same words as --help.
#include <fmt/format.h>

#include "cli/command_tree.hpp"

namespace dragoman::cli {
namespace {

std::string roff(std::string_view text) {
  std::string out;
  bool fresh = true;
  for (const char c : text) {
    if (fresh && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    fresh = c == '\n';
  }
  return out;
}

std::string verbatim(const std::string& text) {
  return text.empty() ? "" : ".PP\n.nf\n" + roff(text) + "\n.fi\n";
}

std::string entry(const OptionText& option, bool positional) {
  std::string head;
  for (const std::string& name : option.names)
    head += (head.empty() ? "" : ", ") + fmt::format("\\f{}{}\\fR", positional ? 'I' : 'B', roff(name));
  if (!positional && !option.value.empty()) head += fmt::format(" \\fI{}\\fR", roff(option.value));
  if (option.repeated) head += " ...";
  std::string text = roff(option.description);
  if (!option.choices.empty()) text += roff(fmt::format("; one of {}", fmt::join(option.choices, ", ")));
  if (!option.standard.empty()) text += roff("; default: " + option.standard);
  if (!option.environment.empty()) text += roff("; or in the environment: " + option.environment);
  if (option.required && !positional) text += "; required";
  return ".TP\n" + head + "\n" + text + "\n";
}

std::string options_of(const CommandText& command) {
  std::string text;
  for (const OptionText& option : command.positionals) text += entry(option, true);
  for (const OptionText& option : command.options) text += entry(option, false);
  return text;
}

}  // namespace

std::string manual_page(const CommandText& program) {
  std::string synopsis, commands;
  each_command(program, [&](const CommandText& command) {
    if (command.path.empty()) return;
    std::string line = fmt::format("\\fBdragoman {}\\fR", roff(command.path));
    if (command.commands.empty()) {
      line += " [\\fIOPTIONS\\fR]";
      for (const OptionText& option : command.positionals) line += fmt::format(" \\fI{}\\fR", roff(option.names[0]));
      synopsis += (synopsis.empty() ? "" : ".br\n") + line + "\n";
    }
    commands += fmt::format(".SS {}\n{}.\n{}{}", line, roff(command.description), options_of(command),
                            verbatim(command.footer));
  });
  return ".TH DRAGOMAN 1 \"\" \"dragoman " DRAGOMAN_VERSION
         "\" \"dragoman\"\n.SH NAME\ndragoman \\- WebSocket gateway\n"
         ".SH SYNOPSIS\n" +
         synopsis + ".SH DESCRIPTION\n" + roff(program.description) + "\n.SH OPTIONS\n" + options_of(program) +
         verbatim(program.footer) + ".SH COMMANDS\n" + commands +
         ".SH FILES\n"
         ".TP\n\\fI/etc/dragoman/dragoman.yaml\\fR, \\fI/etc/dragoman/conf.d/*.yaml\\fR\n"
         "Configuration of the service, see\n.BR dragoman.yaml (5).\n"
         ".TP\n\\fI/etc/dragoman/admin.token\\fR\nToken of the admin API.\n"
         ".TP\n\\fI/var/lib/dragoman\\fR\nCertificates and other state.\n"
         ".SH SEE ALSO\n.BR dragoman.yaml (5),\n.BR systemctl (1)\n";
}

}  // namespace dragoman::cli
