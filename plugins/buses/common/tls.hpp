// SPDX-License-Identifier: Apache-2.0
// TLS of one connection to a broker. Client libraries are given numeric addresses, so that names are checked and sent
// here.
#pragma once
#include <openssl/types.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace buses {

struct TlsFiles {
  std::string ca, certificate, key;  // absolute paths, or empty
  bool verify = true;                // the broker's certificate and name
};

class Tls {
 public:
  // Reads the files. host: the name that the broker's certificate must have, and that it is told. context: a library's
  // own, shared with it; without one it is made here. Throws std::runtime_error.
  Tls(const TlsFiles& files, const std::string& host, SSL_CTX* context = nullptr);
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  SSL_CTX* context() { return context_.get(); }
  // Called when the handshake begins, on its thread, with the connection's descriptor.
  void on_handshake(std::function<void(int)> call) { on_handshake_ = std::move(call); }
  // What was wrong with the broker's certificate, or empty.
  const std::string& complaint() const { return complaint_; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::string host_, complaint_;
  std::function<void(int)> on_handshake_;
};

}  // namespace buses
