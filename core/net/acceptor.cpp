// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/log.hpp"
#include "net/activation.hpp"

namespace dragoman::net {
namespace {

[[noreturn]] void fail(const std::string& address, const char* what) {
  throw std::runtime_error("cannot listen on " + address + ": " + what + ": " + std::strerror(errno));
}

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

Endpoint parse(const std::string& text, unsigned port_override) {
  Endpoint e;
  const std::size_t colon = text.rfind(':');
  unsigned port = 0;
  if (colon == text.npos ||
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), port).ec != std::errc{} || port > 65535)
    throw std::runtime_error("\"" + text +
                             "\" is not an address: expected \"127.0.0.1:9502\", \"[::1]:9502\" or \"unix:/path\"");
  if (!port) port = port_override;
  std::string host = text.substr(0, colon);
  if (host.size() > 1 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(e.address);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<std::uint16_t>(port));
    e.size = sizeof v6;
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1)
      throw std::runtime_error("\"" + text + "\" holds no IPv6 address");
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(e.address);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
    e.size = sizeof v4;
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1)
      throw std::runtime_error("\"" + text + "\" holds no IPv4 address");
  }
  return e;
}

Endpoint unix_endpoint(const std::string& path) {
  Endpoint e;
  auto& un = reinterpret_cast<sockaddr_un&>(e.address);
  un.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof un.sun_path)
    throw std::runtime_error("the socket path \"" + path + "\" is empty or too long");
  std::memcpy(un.sun_path, path.c_str(), path.size() + 1);
  e.size = sizeof un;
  return e;
}

// A socket file that nobody listens on any more is left over from a killed process; a living one is not ours to take.
void remove_stale(const std::string& path, const Endpoint& e) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return;
  if (!S_ISSOCK(info.st_mode))
    throw std::runtime_error("cannot listen on unix:" + path + ": the file exists and is not a socket");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool alive = probe >= 0 && ::connect(probe, reinterpret_cast<const sockaddr*>(&e.address), e.size) == 0;
  if (probe >= 0) ::close(probe);
  if (alive) throw std::runtime_error("cannot listen on unix:" + path + ": another process listens there");
  ::unlink(path.c_str());
}

}  // namespace

ListenSocket ListenSocket::open(const std::string& address, int backlog, unsigned unix_mode, unsigned port,
                                bool first) {
  ListenSocket s;
  if (address.starts_with("systemd:")) {
    s.fd_ = activated_socket(address.substr(8));
    s.find_bound();
    return s;
  }
  const bool is_unix = address.starts_with("unix:");
  const std::string path = is_unix ? address.substr(5) : "";
  const Endpoint e = is_unix ? unix_endpoint(path) : parse(address, port);
  s.family_ = e.address.ss_family;
  const auto* raw = reinterpret_cast<const sockaddr*>(&e.address);
  const int on = 1;
  if (is_unix) {
    remove_stale(path, e);
  } else if (first) {
    const int probe = ::socket(s.family_, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) fail(address, "socket");
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (s.family_ == AF_INET6) ::setsockopt(probe, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    const bool free_port = ::bind(probe, raw, e.size) == 0;
    const int reason = errno;
    ::close(probe);
    errno = reason;
    if (!free_port) fail(address, "bind");
  }
  s.fd_ = ::socket(s.family_, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s.fd_ < 0) fail(address, "socket");
  if (!is_unix) {
    ::setsockopt(s.fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(s.fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (s.family_ == AF_INET6) ::setsockopt(s.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(s.fd_, raw, e.size) != 0) fail(address, "bind");
  if (is_unix) {
    s.path_ = path;
    ::chmod(path.c_str(), unix_mode);
  }
  if (::listen(s.fd_, backlog) != 0) fail(address, "listen");
  s.find_bound();
  return s;
}

void ListenSocket::find_bound() {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return;
  family_ = bound.ss_family;
  if (family_ == AF_INET6) port_ = ntohs(reinterpret_cast<sockaddr_in6&>(bound).sin6_port);
  if (family_ == AF_INET) port_ = ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      family_(other.family_),
      port_(other.port_),
      path_(std::exchange(other.path_, {})) {}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(family_, other.family_);
  std::swap(port_, other.port_);
  std::swap(path_, other.path_);
  return *this;
}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) ::close(fd_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

ListenSocket ListenSocket::duplicate() const {
  ListenSocket copy;
  copy.fd_ = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  copy.family_ = family_;
  return copy;
}

int ListenSocket::release() {
  return std::exchange(fd_, -1);
}

Acceptor::Acceptor(Loop& loop, ListenSocket socket, std::string name, Accepted accepted)
    : loop_(loop),
      path_owner_(std::move(socket)),
      name_(std::move(name)),
      acceptor_(loop.io(), Stream::Protocol(path_owner_.family(), 0), path_owner_.release()),
      accepted_(std::move(accepted)),
      retry_([](void* self) { static_cast<Acceptor*>(self)->accept(); }, this) {
  acceptor_.native_non_blocking(true);
}

void Acceptor::start() {
  accept();
}

void Acceptor::stop() {
  boost::system::error_code ignored;
  loop_.timers().cancel(retry_);
  acceptor_.close(ignored);
  path_owner_ = ListenSocket();
}

void Acceptor::set_backlog(int backlog) {
  // A second call changes nothing else. What fails leaves the backlog as it was.
  if (acceptor_.is_open()) ::listen(acceptor_.native_handle(), backlog);
}

void Acceptor::accept() {
  acceptor_.async_accept(loop_.io(), [this](boost::system::error_code error, Stream::Socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      accepted_(std::move(socket));
      accept();
      return;
    }
    if (error == boost::asio::error::operation_aborted) return;
    if (error == boost::asio::error::connection_aborted) return accept();
    // Out of descriptors or memory: waiting lets others finish, trying again at once would only burn the processor.
    base::log(base::LogLevel::warn, "accept failed", {{"listener", name_}, {"error", error.message()}});
    loop_.arm(retry_, 200);
  });
}

}  // namespace dragoman::net
