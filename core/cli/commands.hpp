// SPDX-License-Identifier: Apache-2.0
// The subcommands. Each adds itself to the command line and puts its exit code into `code` when it has run.
#pragma once
#include <stdexcept>
#include <string>

namespace CLI {
class App;
}

namespace dragoman::cli {

enum ExitCode {
  exit_ok = 0,
  exit_failure = 1,
  exit_usage = 2,
  exit_deadline = 3,  // serve: sessions were cut off when the time for an orderly shutdown was over
};

// Ends the command with exit_failure; what() is for the admin, one sentence per line.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Ends the command with exit_usage: the command line shows by itself that it is wrong. what() as of Failure.
struct WrongUsage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void add_serve(CLI::App& app, int& code);
void add_check(CLI::App& app, int& code);
void add_explain(CLI::App& app, int& code);
void add_plugins(CLI::App& app, int& code);
void add_new_plugin(CLI::App& app, int& code);
void add_verify_plugin(CLI::App& app, int& code);
void add_connect(CLI::App& app, int& code);
void add_reload(CLI::App& app, int& code);
void add_sessions(CLI::App& app, int& code);
void add_publish(CLI::App& app, int& code);
void add_token(CLI::App& app, int& code);
// completion and manual: both tell of the others.
void add_completion(CLI::App& app, int& code);

}  // namespace dragoman::cli
