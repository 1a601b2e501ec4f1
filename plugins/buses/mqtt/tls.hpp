// SPDX-License-Identifier: Apache-2.0
// TLS of one connection to a broker. The library is given numeric addresses, so that names are checked and sent here.
#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>

#include "settings.hpp"

namespace mqtt {

class Tls {
 public:
  // Reads the files. host: the name that the broker's certificate must have, and that it is told. Throws
  // std::runtime_error.
  Tls(const Settings& settings, const std::string& host);
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  SSL_CTX* context() { return context_.get(); }
  // What was wrong with the broker's certificate, or empty.
  const std::string& complaint() const { return complaint_; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::string host_, complaint_;
};

}  // namespace mqtt
