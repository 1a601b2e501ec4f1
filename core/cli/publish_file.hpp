// SPDX-License-Identifier: Apache-2.0
// dragoman publish --file: one event a line, of any number of lines, in bounded memory. Main thread.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace dragoman::cli {

struct PublishFileOptions {
  std::string url, token;  // the token is secret
  std::string target;      // path and query
  std::string file;        // "-": standard input
  bool bodies = false;     // lines are bodies, not events
  // Of the events, when lines are bodies.
  std::string channel, key;
  std::vector<std::pair<std::string, std::string>> attributes;
  bool skip_bad = false;
  unsigned retry_seconds = 60;
};

// Prints a summary; returns the exit code. Throws Failure and WrongUsage.
int publish_file(const PublishFileOptions& options);

}  // namespace dragoman::cli
