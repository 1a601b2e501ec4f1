// SPDX-License-Identifier: Apache-2.0
// The TLS side of connections that the gateway opens: whom it trusts. Shared by all threads once it is made.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <string>

namespace dragoman::net {

class TlsClient {
 public:
  // ca: PEM file with the authorities that are trusted; empty: the system's. verify: false takes any certificate.
  // Throws std::runtime_error with half a sentence that names the file.
  TlsClient(const std::string& ca, bool verify);

  boost::asio::ssl::context& context() { return context_; }
  // Before the handshake: which name or IP address the certificate must be for. False: out of memory.
  bool expect_host(SSL* ssl, const std::string& host) const;
  // After a handshake that failed: why, if it was the certificate; otherwise empty.
  static std::string certificate_problem(SSL* ssl);

 private:
  boost::asio::ssl::context context_;
  bool verify_;
};

}  // namespace dragoman::net
