// SPDX-License-Identifier: Apache-2.0
// The TLS side of a listener: certificate, key, protocol versions.
#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>

namespace dragoman::net {

class TlsContext {
 public:
  // PEM files; minimum_version "1.2" or "1.3". Throws std::runtime_error with a sentence that names the file.
  TlsContext(const std::string& certificate, const std::string& key, const std::string& minimum_version);
  SSL* make_server_session() const;  // caller frees

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

// Makes an EC P-256 key and a self-signed certificate for localhost, 127.0.0.1, ::1 and this host's name, valid ten
// years, unless both files exist. The key is readable by its owner only. Returns whether it did. Throws
// std::runtime_error.
bool ensure_self_signed(const std::string& certificate, const std::string& key);

}  // namespace dragoman::net
