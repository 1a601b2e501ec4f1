// SPDX-License-Identifier: Apache-2.0
// One accepted socket, plain or TLS, without blocking and without buffers of its own: the reader lends memory, the
// writer its frames.
#pragma once
#include <openssl/types.h>
#include <sys/uio.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <span>
#include <string>

namespace dragoman::net {

enum class IoStatus { ok, wait_read, wait_write, closed, failed };

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
};

class Stream {
 public:
  using Protocol = boost::asio::generic::stream_protocol;
  using Socket = boost::asio::basic_stream_socket<Protocol, boost::asio::io_context::executor_type>;

  // ssl: owned from here on, null for a plain connection.
  Stream(Socket socket, SSL* ssl);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) = delete;
  ~Stream();

  // ok with bytes > 0, or why there are none. closed: the peer ended its side in order.
  IoResult read(std::span<char> into);
  // Writes what fits now. TLS keeps one record that could not leave; its bytes count as written, and wait_write comes
  // back until it has left, also for an empty piece list.
  IoResult write(const iovec* pieces, std::size_t count);
  // The same for one piece on a plain connection: most of what leaves is one small frame.
  IoResult send(const void* data, std::size_t size);

  // Calls f(error) once when reading or writing may go on, or with operation_aborted after close().
  template <class F>
  void wait_readable(F&& f) {
    socket_.async_wait(Socket::wait_read, std::forward<F>(f));
  }
  template <class F>
  void wait_writable(F&& f) {
    socket_.async_wait(Socket::wait_write, std::forward<F>(f));
  }

  // Whoever waits is called with operation_aborted.
  void cancel_waits();
  // The same connection on another loop; nothing waits on this object, which is closed afterwards. Throws
  // boost::system::system_error.
  Stream move_to(boost::asio::io_context& io);
  // Ends our side: TLS close_notify and FIN. Reading goes on.
  void shutdown_send();
  void close();
  bool is_open() const { return socket_.is_open(); }
  bool encrypted() const { return tls_ != nullptr; }

 private:
  struct Tls;
  IoResult ssl_result(int result);
  IoResult write_tls(const iovec* pieces, std::size_t count);

  Socket socket_;
  std::unique_ptr<Tls> tls_;
};

// TCP_NODELAY, TCP_USER_TIMEOUT (milliseconds), non-blocking.
void prepare_socket(Stream::Socket& socket, unsigned user_timeout_ms);

}  // namespace dragoman::net
