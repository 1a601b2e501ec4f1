// SPDX-License-Identifier: Apache-2.0
// A client's non-blocking stream, plain or TLS. Made for an edge-triggered epoll that watches reading and writing from
// the beginning: after every event call flush(), then read() until it returns 0. Failures throw std::runtime_error.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "load_options.hpp"

namespace dragoman::bench {

struct SslContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// Does not verify certificates: the server under test made its own.
SslContext make_ssl_context();

class Stream {
 public:
  // Begins to connect. context may be null when the URL is not TLS; it outlives the stream.
  Stream(const Url& url, SSL_CTX* context);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int fd() const { return fd_; }
  void queue(std::string_view bytes) { output_.append(bytes); }
  // Writes as much of the queue as the socket takes, in one write when it takes all.
  void flush();
  // 0: nothing to read now. What comes after the end of the stream is an error, since no server here ends first.
  std::size_t read(char* buffer, std::size_t size);

 private:
  int fd_ = -1;
  std::unique_ptr<SSL, SslFree> ssl_;
  std::string output_;
};

}  // namespace dragoman::bench
