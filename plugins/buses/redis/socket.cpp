// SPDX-License-Identifier: Apache-2.0
#include "socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "reply.hpp"

namespace redis {
namespace {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
};

socklen_t fill(Address& to, const buses::Endpoint& endpoint, const std::string& address) {
  to = {};
  if (endpoint.local()) {
    to.local.sun_family = AF_UNIX;
    endpoint.path.copy(to.local.sun_path, sizeof to.local.sun_path - 1);
    return sizeof to.local;
  }
  if (inet_pton(AF_INET, address.c_str(), &to.v4.sin_addr) == 1) {
    to.v4.sin_family = AF_INET;
    to.v4.sin_port = htons(endpoint.port);
    return sizeof to.v4;
  }
  if (inet_pton(AF_INET6, address.c_str(), &to.v6.sin6_addr) != 1) throw Lost("its address cannot be used");
  to.v6.sin6_family = AF_INET6;
  to.v6.sin6_port = htons(endpoint.port);
  return sizeof to.v6;
}

}  // namespace

void Socket::Free::operator()(SSL* ssl) const {
  SSL_free(ssl);
}

Socket::Socket(const buses::TlsFiles& files, const buses::Endpoint& endpoint, const std::string& address) {
  if (endpoint.tls) {
    try {
      tls_ = std::make_unique<buses::Tls>(files, endpoint.host);
    } catch (const std::exception& error) {
      throw Lost(error.what());
    }
    ssl_.reset(SSL_new(tls_->context()));
    if (!ssl_) throw Lost("TLS cannot be set up");
  }
  try {
    open(endpoint, address);
  } catch (...) {
    if (fd_ >= 0) close(fd_);
    throw;
  }
}

Socket::~Socket() {
  ssl_.reset();
  close(fd_);
}

void Socket::open(const buses::Endpoint& endpoint, const std::string& address) {
  Address to;
  const socklen_t size = fill(to, endpoint, address);
  fd_ = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) throw Lost(std::strerror(errno));
  const int on = 1;
  if (!endpoint.local()) setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connected_ = connect(fd_, &to.any, size) == 0;
  if (!connected_ && errno != EINPROGRESS) throw Lost(std::strerror(errno));
  if (ssl_ && SSL_set_fd(ssl_.get(), fd_) != 1) throw Lost("TLS cannot be set up");
}

short Socket::events(bool read, bool write) const {
  if (!established_) {
    const bool out = !connected_ || waits_to_write_;
    return static_cast<short>(out ? POLLOUT : POLLIN);
  }
  return static_cast<short>((read ? POLLIN : 0) | (write || (ssl_ && waits_to_write_) ? POLLOUT : 0));
}

bool Socket::holds_input() const {
  return ssl_ && SSL_pending(ssl_.get()) > 0;
}

bool Socket::establish() {
  if (established_) return true;
  if (!connected_) {
    pollfd one{fd_, POLLOUT, 0};
    if (poll(&one, 1, 0) <= 0) return false;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error) throw Lost(std::strerror(error));
    connected_ = true;
  }
  if (ssl_) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result != 1) {
      moved(result, "TLS with it fails");
      return false;
    }
  }
  return established_ = true;
}

std::size_t Socket::read(char* into, std::size_t size) {
  ERR_clear_error();
  if (ssl_)
    return moved(SSL_read(ssl_.get(), into, static_cast<int>(std::min<std::size_t>(size, INT_MAX))), "TLS fails");
  const ssize_t n = recv(fd_, into, size, 0);
  if (n == 0) throw Lost("it has closed the connection");
  return moved(n, "");
}

std::size_t Socket::write(std::string_view bytes) {
  ERR_clear_error();
  if (ssl_)
    return moved(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))),
                 "TLS fails");
  return moved(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), "");
}

std::size_t Socket::moved(long result, const char* what) {
  const int error = errno;
  waits_to_write_ = false;
  if (result > 0) return static_cast<std::size_t>(result);
  if (!ssl_) {
    if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) return 0;
    throw Lost(std::strerror(error));
  }
  switch (SSL_get_error(ssl_.get(), static_cast<int>(result))) {
    case SSL_ERROR_WANT_READ:
      return 0;
    case SSL_ERROR_WANT_WRITE:
      waits_to_write_ = true;
      return 0;
    case SSL_ERROR_ZERO_RETURN:
      throw Lost("it has closed the connection");
    case SSL_ERROR_SYSCALL:
      throw Lost(error ? std::strerror(error) : "it has closed the connection");
    default:
      break;
  }
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (!established_ && !tls_->complaint().empty()) throw Lost("its certificate is not accepted: " + tls_->complaint());
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  if (code && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) throw Lost("it has closed the connection");
  throw Lost(std::string(what) + (reason ? std::string(": ") + reason : std::string()));
}

}  // namespace redis
