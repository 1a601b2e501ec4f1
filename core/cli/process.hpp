// SPDX-License-Identifier: Apache-2.0
// What the process as a whole has: signals, limits, its supervisor, a file that says it listens. Main thread.
#pragma once
#include <csignal>
#include <map>
#include <string>
#include <string_view>

namespace dragoman::cli {

// SIGTERM, SIGINT and SIGHUP wait for wait(); SIGPIPE and SIGXFSZ are ignored. Before the first thread, which inherits
// it.
class Signals {
 public:
  Signals();
  int wait();
  // From now on SIGTERM and SIGINT end the process at once, with 128 and the number of the signal.
  void make_fatal();

 private:
  sigset_t set_;
};

// The soft limit of open files becomes the hard one; returns what holds now.
unsigned long raise_file_limit();

// sd_notify(3): one datagram to $NOTIFY_SOCKET; without it nothing happens. False if it could not be sent.
bool notify_supervisor(std::string_view state);

// {"listeners": {name: port}, "admin": port}, in place under its name at once and in whole. admin 0: there is none.
// Throws Failure.
void write_ports_file(const std::string& path, const std::map<std::string, unsigned>& listeners, unsigned admin);

}  // namespace dragoman::cli
