// SPDX-License-Identifier: Apache-2.0
#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace dragoman::net {
namespace {

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (!code) return "unknown error";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

}  // namespace

void TlsContext::Free::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

TlsContext::TlsContext(const std::string& certificate, const std::string& key, const std::string& minimum_version)
    : context_(SSL_CTX_new(TLS_server_method())) {
  if (!context_) throw std::runtime_error("TLS cannot be set up: " + openssl_reason());
  SSL_CTX* c = context_.get();
  SSL_CTX_set_min_proto_version(c, minimum_version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                             SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection keeps no record buffers.
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  static constexpr unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_select_cb(
      c,
      [](SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void*) {
        unsigned char* chosen = nullptr;
        if (SSL_select_next_proto(&chosen, out_size, http11, sizeof http11, in, in_size) != OPENSSL_NPN_NEGOTIATED)
          return SSL_TLSEXT_ERR_NOACK;
        *out = chosen;
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  if (SSL_CTX_use_certificate_chain_file(c, certificate.c_str()) != 1)
    throw std::runtime_error("the certificate " + certificate + " cannot be used: " + openssl_reason());
  if (SSL_CTX_use_PrivateKey_file(c, key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("the private key " + key + " cannot be used: " + openssl_reason());
  if (SSL_CTX_check_private_key(c) != 1)
    throw std::runtime_error("the private key " + key + " does not belong to the certificate " + certificate);
}

SSL* TlsContext::make_server_session() const {
  SSL* ssl = SSL_new(context_.get());
  if (ssl) SSL_set_accept_state(ssl);
  return ssl;
}

}  // namespace dragoman::net
