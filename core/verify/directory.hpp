// SPDX-License-Identifier: Apache-2.0
// Where everything lies that is written while a plugin is tried.
#pragma once
#include <sys/types.h>

#include <string>

namespace dragoman::verify {

// Removed with all that is in it, by a process of its own if this one is killed: at the latest when all that this one
// has started are gone too. Before any other thread is there.
class Directory {
 public:
  // keep: a directory that is made if it is not there, with the modes that umask() leaves, must be empty and its
  // owner's alone, and stays; empty: one of its own. Throws std::runtime_error.
  explicit Directory(const std::string& keep);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  pid_t sweeper_ = -1;
  int alive_ = -1;
};

}  // namespace dragoman::verify
