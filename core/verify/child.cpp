// SPDX-License-Identifier: Apache-2.0
#include "verify/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace dragoman::verify {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void run(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

// Nothing of it gets out: what the parent cleans up is the parent's.
[[noreturn]] void run(const std::function<int()>& body) noexcept {
  int code = 1;
  try {
    code = body();
  } catch (const std::exception& e) {
    fmt::print("{}\n", e.what());
  } catch (...) {
    fmt::print("an exception that is no std::exception\n");
  }
  std::fflush(stdout);
  ::_exit(code);
}

}  // namespace

std::string Ended::sentence() const {
  if (late) return "it did not end in time and was killed";
  if (signal) return fmt::format("it was ended by signal {} ({})", signal, ::strsignal(signal));
  return fmt::format("it ended with exit code {}", code);
}

Child::Child(const std::vector<std::string>& command, const std::string& log) : log_(log) {
  begin([&]() -> int { run(command); });
}

Child::Child(const std::function<int()>& body, const std::string& log) : log_(log) {
  begin(body);
}

void Child::begin(const std::function<int()>& body) {
  const int out = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) throw std::runtime_error(fmt::format("cannot write {}: {}", log_, std::strerror(errno)));
  const pid_t parent = ::getpid();
  // What waits in the buffers is the parent's to print.
  std::fflush(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    // It must not outlive whoever waits for it, also who is gone already.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::setpgid(0, 0);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    run(body);
  }
  ::close(out);
  if (pid_ < 0) throw std::runtime_error(fmt::format("cannot start a process: {}", std::strerror(errno)));
  // Whichever of the two comes first.
  ::setpgid(pid_, pid_);
}

Child::~Child() {
  if (running()) finish();
}

int Child::finish() {
  int status = 0;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, &status, 0);
  ended_ = true;
  return status;
}

bool Child::running() {
  if (ended_) return false;
  siginfo_t info{};
  // As long as nobody has waited for it, no other group can have its number.
  if (::waitid(P_PID, pid_, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || !info.si_pid) return true;
  const int status = finish();
  if (WIFEXITED(status)) how_.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) how_.signal = WTERMSIG(status);
  return false;
}

void Child::signal(int number) {
  if (running()) ::kill(pid_, number);
}

Ended Child::wait(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (running()) {
    if (std::chrono::steady_clock::now() > end) {
      finish();
      how_.late = true;
      break;
    }
    std::this_thread::sleep_for(5ms);
  }
  return how_;
}

std::string Child::output() const {
  std::ifstream in(log_, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_with(const std::string& log, std::string_view what, std::size_t most) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < log.size() && out.size() < most;) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    const std::string line = log.substr(begin, end - begin);
    if (line.find(what) != std::string::npos) out.push_back(line);
    begin = end + 1;
  }
  return out;
}

}  // namespace dragoman::verify
