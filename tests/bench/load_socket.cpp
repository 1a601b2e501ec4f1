// SPDX-License-Identifier: Apache-2.0
#include "load_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace dragoman::bench {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

// Returns when the operation has only to wait.
void judge_tls(SSL* ssl, int result, const char* what) {
  const int error = SSL_get_error(ssl, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  if (error == SSL_ERROR_SYSCALL && errno != 0) {
    // While the socket connects, OpenSSL's first write meets it unconnected.
    if (errno == EAGAIN || errno == ENOTCONN) return;
    fail(what);
  }
  if (error == SSL_ERROR_ZERO_RETURN) throw std::runtime_error("the server closed the connection");
  const char* reason = ERR_reason_error_string(ERR_get_error());
  throw std::runtime_error(std::string(what) + ": " + (reason != nullptr ? reason : "TLS failed"));
}

}  // namespace

SslContext make_ssl_context() {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::runtime_error("OpenSSL has no TLS client");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

Stream::Stream(const Url& url, SSL_CTX* context) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(url.port);
  if (inet_pton(AF_INET, url.host.c_str(), &address.sin_addr) != 1) {
    throw std::runtime_error("not an IPv4 address: " + url.host);
  }
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fail("socket");
  const int one = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // A reset at the end leaves no TIME_WAIT behind, of which many runs in a row would pile up.
  const linger reset{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    close(fd_);
    errno = error;
    fail("connect");
  }
  if (url.tls()) {
    ssl_.reset(SSL_new(context));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1) {
      close(fd_);
      throw std::runtime_error("OpenSSL has no connection");
    }
    SSL_set_connect_state(ssl_.get());
  }
}

Stream::~Stream() {
  ssl_.reset();
  close(fd_);
}

void Stream::flush() {
  while (!output_.empty()) {
    std::size_t sent = 0;
    if (ssl_) {
      ERR_clear_error();
      errno = 0;
      const int result = SSL_write_ex(ssl_.get(), output_.data(), output_.size(), &sent);
      if (result != 1) return judge_tls(ssl_.get(), result, "TLS write");
    } else {
      const ssize_t result = send(fd_, output_.data(), output_.size(), MSG_NOSIGNAL);
      if (result < 0) {
        if (errno == EAGAIN || errno == ENOTCONN || errno == EINTR) return;
        fail("send");
      }
      sent = static_cast<std::size_t>(result);
    }
    output_.erase(0, sent);
  }
}

std::size_t Stream::read(char* buffer, std::size_t size) {
  if (ssl_) {
    ERR_clear_error();
    errno = 0;
    std::size_t received = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer, size, &received);
    if (result == 1) return received;
    judge_tls(ssl_.get(), result, "TLS read");
    return 0;
  }
  const ssize_t result = recv(fd_, buffer, size, 0);
  if (result > 0) return static_cast<std::size_t>(result);
  if (result == 0) throw std::runtime_error("the server closed the connection");
  if (errno == EAGAIN || errno == ENOTCONN || errno == EINTR) return 0;
  fail("recv");
}

}  // namespace dragoman::bench
