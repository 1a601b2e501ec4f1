// SPDX-License-Identifier: Apache-2.0
#include "net/stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace dragoman::net {

struct Stream::Tls {
  SSL* ssl;
  std::string record;  // taken from the caller, not yet accepted by the socket
  bool broken = false;
  explicit Tls(SSL* s) : ssl(s) {}
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls() { SSL_free(ssl); }
};

Stream::Stream(Socket socket, SSL* ssl) : socket_(std::move(socket)) {
  if (!ssl) return;
  tls_ = std::make_unique<Tls>(ssl);
  SSL_set_fd(ssl, socket_.native_handle());
}
Stream::Stream(Stream&&) noexcept = default;
Stream::~Stream() = default;

IoResult Stream::ssl_result(int result) {
  switch (SSL_get_error(tls_->ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return {IoStatus::wait_read};
    case SSL_ERROR_WANT_WRITE:
      return {IoStatus::wait_write};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::closed};
    default:
      tls_->broken = true;
      ERR_clear_error();
      return {IoStatus::failed};
  }
}

namespace {

// Not through glibc's functions: in a process with threads each of their calls is a cancellation point, which costs as
// many instructions as the rest of this way together, and nobody here cancels threads.
template <class Call>
IoResult plain_result(Call&& call) {
  for (;;) {
    const long n = call();
    if (n >= 0) return {IoStatus::ok, static_cast<std::size_t>(n)};
    if (errno == EINTR) continue;
    return {errno == EAGAIN || errno == EWOULDBLOCK ? IoStatus::wait_write : IoStatus::failed};
  }
}

}  // namespace

IoResult Stream::read(std::span<char> into) {
  if (tls_) {
    ERR_clear_error();
    const int n = SSL_read(tls_->ssl, into.data(), static_cast<int>(into.size()));
    if (n > 0) return {IoStatus::ok, static_cast<std::size_t>(n)};
    return ssl_result(n);
  }
  for (;;) {
    const ssize_t n = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (n > 0) return {IoStatus::ok, static_cast<std::size_t>(n)};
    if (n == 0) return {IoStatus::closed};
    if (errno == EINTR) continue;
    return {errno == EAGAIN || errno == EWOULDBLOCK ? IoStatus::wait_read : IoStatus::failed};
  }
}

IoResult Stream::write(const iovec* pieces, std::size_t count) {
  if (tls_) return write_tls(pieces, count);
  if (count == 1) return send(pieces->iov_base, pieces->iov_len);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = count;
  return plain_result(
      [&] { return ::syscall(SYS_sendmsg, static_cast<long>(socket_.native_handle()), &message, MSG_NOSIGNAL); });
}

IoResult Stream::send(const void* data, std::size_t size) {
  return plain_result([&] {
    return ::syscall(SYS_sendto, static_cast<long>(socket_.native_handle()), data, size, MSG_NOSIGNAL, nullptr, 0);
  });
}

IoResult Stream::write_tls(const iovec* pieces, std::size_t count) {
  static constexpr std::size_t record_bytes = 16384;
  thread_local char scratch[record_bytes];
  Tls& tls = *tls_;
  while (!tls.record.empty()) {
    ERR_clear_error();
    const int n = SSL_write(tls.ssl, tls.record.data(), static_cast<int>(tls.record.size()));
    if (n <= 0) return ssl_result(n);
    tls.record.erase(0, static_cast<std::size_t>(n));
  }
  if (tls.record.capacity() > 64) std::string().swap(tls.record);

  std::size_t filled = 0;
  for (std::size_t i = 0; i < count && filled < record_bytes; ++i) {
    const std::size_t n = std::min(pieces[i].iov_len, record_bytes - filled);
    std::memcpy(scratch + filled, pieces[i].iov_base, n);
    filled += n;
  }
  if (!filled) return {};
  ERR_clear_error();
  const int n = SSL_write(tls.ssl, scratch, static_cast<int>(filled));
  if (n > 0) return {IoStatus::ok, static_cast<std::size_t>(n)};
  IoResult result = ssl_result(n);
  // OpenSSL insists on the same bytes at the next attempt, whatever the queue's policy drops meanwhile.
  if (result.status == IoStatus::wait_write || result.status == IoStatus::wait_read) {
    tls.record.assign(scratch, filled);
    result.bytes = filled;
  }
  return result;
}

void Stream::cancel_waits() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

Stream Stream::move_to(boost::asio::io_context& io) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(socket_.native_handle(), reinterpret_cast<sockaddr*>(&address), &length);
  Socket moved(io);
  moved.assign(Protocol(address.ss_family, SOCK_STREAM), socket_.release());
  moved.non_blocking(true);
  Stream out(std::move(moved), nullptr);
  out.tls_ = std::move(tls_);
  return out;
}

void Stream::shutdown_send() {
  if (!socket_.is_open()) return;
  if (tls_ && !tls_->broken && SSL_is_init_finished(tls_->ssl)) {
    ERR_clear_error();
    SSL_shutdown(tls_->ssl);
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void prepare_socket(Stream::Socket& socket, unsigned user_timeout_ms) {
  boost::system::error_code ignored;
  socket.native_non_blocking(true, ignored);
  const int fd = socket.native_handle(), on = 1;
  // Both fail harmlessly on a Unix socket.
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (user_timeout_ms) ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
}

}  // namespace dragoman::net
