// SPDX-License-Identifier: Apache-2.0
#include <dragoman/plugin.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#ifdef DRAGOMAN_LEAK_CHECK
#include <sanitizer/lsan_interface.h>
#endif

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "config/suggest.hpp"

namespace {

constexpr const char* description =
    "A gateway that speaks every WebSocket dialect: one event, published once, reaches\n"
    "every subscribed client in the words of its own protocol.";

constexpr const char* footer =
    "First steps:\n"
    "  dragoman check dragoman.yaml             what is wrong with a configuration\n"
    "  dragoman serve --config dragoman.yaml    run the gateway\n"
    "  dragoman publish --help                  send events to a running gateway\n"
    "  dragoman connect --help                  talk to a WebSocket from the terminal\n"
    "  dragoman new-plugin --help               begin a dialect of one's own\n"
    "\n'dragoman COMMAND --help' explains a command. Exit codes: 0 done, 1 failed, 2 wrong\n"
    "usage, 3 'serve' had to cut off sessions when its time to shut down was over.";

// Whoever starts us without standard streams must not find a socket of ours in their place.
void open_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd) return;
}

// Not fmt::print, which throws when standard error cannot be written either.
void say(const std::string& sentence) {
  std::fputs(("dragoman: " + sentence + "\n").c_str(), stderr);
}

// A library that a plugin brought may have threads that still run, or end just now: what static objects and OpenSSL
// free at an ordinary exit would be taken from under them.
[[noreturn]] void leave(int code) {
  const bool written = std::fflush(stdout) == 0 && !std::ferror(stdout);
  std::fflush(nullptr);
  if (!written && code == dragoman::cli::exit_ok) {
    say("cannot write to standard output");
    code = dragoman::cli::exit_failure;
  }
#ifdef DRAGOMAN_LEAK_CHECK
  __lsan_do_leak_check();
#endif
  ::_exit(code);
}

using Commands = std::vector<const CLI::App*>;

Commands commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string no_command(const CLI::App& app, const std::string& given) {
  std::string names;
  for (const auto* command : commands_of(app)) names += (names.empty() ? "" : ", ") + command->get_name();
  return fmt::format("there is no command \"{}\"; the commands are {}", given, names);
}

// CLI11 says what is missing before it says what is unknown, which is mostly the same thing misspelt. Empty: nothing
// is.
std::string unknown_word(const CLI::App& app) {
  for (const CLI::App* command = &app;; command = command->get_subcommands().front()) {
    for (const std::string& given : command->remaining()) {
      if (given.size() < 2 || given.front() != '-') continue;
      // What stands behind it may be a secret.
      const std::string name = given.substr(0, given.find('='));
      std::vector<std::string> known;
      for (const auto* option : command->get_options())
        for (const std::string& one : option->get_lnames()) known.push_back("--" + one);
      return fmt::format("there is no option \"{}\"{}", name, dragoman::config::suggestion(name, known));
    }
    if (!command->get_subcommands().empty()) continue;
    const auto rest = command->remaining();
    return rest.empty() || commands_of(*command).empty() ? std::string() : no_command(*command, rest.front());
  }
}

int run(int argc, char** argv) {
  using namespace dragoman::cli;
  int code = exit_ok;
  CLI::App app(description, "dragoman");
  app.footer(footer);
  app.set_version_flag("--version",
                       fmt::format("dragoman {} (plugin ABI {}.{})", DRAGOMAN_VERSION, DGM_ABI_MAJOR, DGM_ABI_MINOR),
                       "Print the version of the program and of its plugin ABI");
  app.require_subcommand(1);
  add_serve(app, code);
  add_check(app, code);
  add_explain(app, code);
  add_plugins(app, code);
  add_new_plugin(app, code);
  add_verify_plugin(app, code);
  add_publish(app, code);
  add_connect(app, code);
  add_sessions(app, code);
  add_reload(app, code);
  add_token(app, code);
  add_completion(app, code);
  // CLI11 would only say that a command is missing.
  if (argc > 1 && argv[1][0] != '-') {
    const Commands commands = commands_of(app);
    if (std::none_of(commands.begin(), commands.end(), [&](const auto* c) { return c->get_name() == argv[1]; })) {
      say(no_command(app, argv[1]));
      return exit_usage;
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const WrongUsage& error) {
    say(error.what());
    return exit_usage;
  } catch (const CLI::ParseError& error) {
    const bool judged =
        !dynamic_cast<const CLI::RequiredError*>(&error) && !dynamic_cast<const CLI::ExtrasError*>(&error);
    if (const std::string unknown = judged ? std::string() : unknown_word(app); !unknown.empty()) {
      say(unknown);
      return exit_usage;
    }
    // Also how --help and --version leave parse(); they succeed.
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  } catch (const std::exception& error) {
    say(error.what());
    return exit_failure;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  leave(run(argc, argv));
}
