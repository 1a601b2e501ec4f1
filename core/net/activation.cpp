// SPDX-License-Identifier: Apache-2.0
#include "net/activation.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace dragoman::net {
namespace {

constexpr int first_fd = 3;  // SD_LISTEN_FDS_START

std::optional<int> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  int value = 0;
  if (!text) return std::nullopt;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, value);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

// The originals stay open: a listener that closes and opens again finds them as they were.
std::multimap<std::string, int> inherited() {
  std::multimap<std::string, int> sockets;
  const int count = number_in("LISTEN_FDS").value_or(0);
  if (number_in("LISTEN_PID") != ::getpid()) return sockets;
  const char* given = std::getenv("LISTEN_FDNAMES");
  std::string_view names = given ? given : "";
  for (int fd = first_fd; fd - first_fd < count; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0) break;
    ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    const std::size_t colon = std::min(names.find(':'), names.size());
    sockets.emplace(given ? names.substr(0, colon) : "unknown", fd);
    names.remove_prefix(std::min(colon + 1, names.size()));
  }
  return sockets;
}

int option_of(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

int activated_socket(const std::string& name) {
  static const std::multimap<std::string, int> sockets = inherited();
  const std::string where = "cannot listen on systemd:" + name + ": ";
  const auto [first, last] = sockets.equal_range(name);
  if (first == last) {
    std::string all;
    for (const auto& [other, fd] : sockets) all += (all.empty() ? "" : ", ") + other;
    throw std::runtime_error(where + (all.empty() ? "this process was given no sockets"
                                                  : "no socket has this FileDescriptorName; there is " + all));
  }
  if (std::next(first) != last) throw std::runtime_error(where + "several sockets have this FileDescriptorName");
  const int family = option_of(first->second, SO_DOMAIN);
  if (option_of(first->second, SO_TYPE) != SOCK_STREAM || option_of(first->second, SO_ACCEPTCONN) != 1 ||
      (family != AF_INET && family != AF_INET6 && family != AF_UNIX))
    throw std::runtime_error(where + "it is no listening stream socket (ListenStream=, Accept=no)");
  const int fd = ::fcntl(first->second, F_DUPFD_CLOEXEC, 0);
  if (fd < 0 || ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    throw std::runtime_error(where + why);
  }
  return fd;
}

}  // namespace dragoman::net
