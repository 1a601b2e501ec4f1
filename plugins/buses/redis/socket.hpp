// SPDX-License-Identifier: Apache-2.0
// A stream of bytes to a server: TCP or a Unix socket, with or without TLS. One thread; nothing blocks.
#pragma once
#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/endpoint.hpp"
#include "common/tls.hpp"

namespace redis {

class Socket {
 public:
  // Begins to connect. address: one of the endpoint's, numeric; of a Unix socket nothing. Throws Lost.
  Socket(const buses::TlsFiles& files, const buses::Endpoint& endpoint, const std::string& address);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor() const { return fd_; }
  // What poll() is to wait for; read: whether to wait for input as well.
  short events(bool read, bool write) const;
  // Input that poll() does not see.
  bool holds_input() const;

  // Goes on with what must precede the first byte. False: it is not done. Throws Lost.
  bool establish();
  // How much was read or written; 0: nothing now. Throw Lost.
  std::size_t read(char* into, std::size_t size);
  std::size_t write(std::string_view bytes);

 private:
  struct Free {
    void operator()(SSL* ssl) const;
  };
  void open(const buses::Endpoint& endpoint, const std::string& address);
  std::size_t moved(long result, const char* what);

  int fd_ = -1;
  std::unique_ptr<buses::Tls> tls_;
  std::unique_ptr<SSL, Free> ssl_;
  bool connected_ = false, established_ = false;
  bool waits_to_write_ = false;  // TLS does
};

}  // namespace redis
