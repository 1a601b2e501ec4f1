// SPDX-License-Identifier: Apache-2.0
#include "verify/directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace dragoman::verify {
namespace {

namespace fs = std::filesystem;

// In a session of its own: what ends the others from the terminal does not end it.
[[noreturn]] void sweep(int pipe, const std::string& path) {
  ::setsid();
  ::dup2(pipe, STDIN_FILENO);
  // Whoever reads what this program prints waits for nobody else.
  ::close_range(1, ~0u, 0);
  // The plugin has the other end as well, and may write to it.
  char byte;
  for (ssize_t n; (n = ::read(STDIN_FILENO, &byte, 1)) > 0 || (n < 0 && errno == EINTR);) {
  }
  std::error_code ignored;
  fs::remove_all(path, ignored);
  ::_exit(0);
}

}  // namespace

Directory::Directory(const std::string& keep) {
  if (!keep.empty()) {
    std::error_code error;
    fs::create_directories(keep, error);
    struct stat is {};
    if (::lstat(keep.c_str(), &is) == 0 && (!S_ISDIR(is.st_mode) || is.st_uid != ::geteuid() || is.st_mode & 077))
      throw std::runtime_error(
          fmt::format("{} is not a directory of yours alone: what is kept may be secret, name a "
                      "directory with mode 0700, or one that is not there",
                      keep));
    if (!error && !fs::is_empty(keep, error) && !error)
      throw std::runtime_error(fmt::format("{} is not empty: name a directory that is, or that is not there", keep));
    if (error) throw std::runtime_error(fmt::format("cannot use {}: {}", keep, error.message()));
    path_ = fs::canonical(keep);
    return;
  }
  std::string path = (fs::temp_directory_path() / "dragoman-verify-XXXXXX").string();
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  // The other end goes to all that are started: the directory is in use until the last of them is gone.
  ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  alive_ = ends[1];
  const bool made = ::mkdtemp(path.data());
  const int error = errno;
  if (made && (sweeper_ = ::fork()) == 0) {
    ::close(ends[1]);
    sweep(ends[0], path);
  }
  ::close(ends[0]);
  if (!made) {
    ::close(alive_);
    throw std::runtime_error(fmt::format("cannot make {}: {}", path, std::strerror(error)));
  }
  path_ = path;
}

Directory::~Directory() {
  if (alive_ < 0) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::close(alive_);
  if (sweeper_ < 0) return;
  ::kill(sweeper_, SIGKILL);
  ::waitpid(sweeper_, nullptr, 0);
}

}  // namespace dragoman::verify
