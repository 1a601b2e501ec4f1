// SPDX-License-Identifier: Apache-2.0
#include <dragoman/plugin.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#ifdef DRAGOMAN_LEAK_CHECK
#include <sanitizer/lsan_interface.h>
#endif

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "cli/commands.hpp"

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

// A library that a plugin brought may have threads that still run, or end just now: what static objects and OpenSSL
// free at an ordinary exit would be taken from under them.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
#ifdef DRAGOMAN_LEAK_CHECK
  __lsan_do_leak_check();
#endif
  ::_exit(code);
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
    const std::string_view given = argv[1];
    std::string names;
    bool known = false;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      names += (names.empty() ? "" : ", ") + command->get_name();
      known = known || command->get_name() == given;
    }
    if (!known) {
      fmt::print(stderr, "dragoman: there is no command \"{}\"; the commands are {}\n", given, names);
      return exit_usage;
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Also how --help and --version leave parse(); they succeed.
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "dragoman: {}\n", error.what());
    return exit_failure;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  leave(run(argc, argv));
}
