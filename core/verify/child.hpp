// SPDX-License-Identifier: Apache-2.0
// Processes that a plugin may take down with it. Main thread.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::verify {

struct Ended {
  int code = -1;      // of exit(), or -1
  int signal = 0;     // that ended it, or 0
  bool late = false;  // it had to be killed
  std::string sentence() const;
};

// With all that it starts, as far as that stays in its process group: that is killed when it has ended.
class Child {
 public:
  // Runs a program; standard output and standard error go to a file of `log`.
  Child(const std::vector<std::string>& command, const std::string& log);
  // Runs a function of this program, which answers with the exit code. An exception is printed, and the code is 1.
  Child(const std::function<int()>& body, const std::string& log);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool running();
  void signal(int number);
  // Kills it when it takes longer.
  Ended wait(std::chrono::milliseconds patience);
  // What it has printed.
  std::string output() const;

 private:
  void begin(const std::function<int()>& body);
  // Kills what is left of the group; the status.
  int finish();
  pid_t pid_ = -1;
  bool ended_ = false;
  Ended how_;
  std::string log_;
};

// The lines of a log that hold `what`, at most `most`.
std::vector<std::string> lines_with(const std::string& log, std::string_view what, std::size_t most);

}  // namespace dragoman::verify
