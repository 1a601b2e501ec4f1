// SPDX-License-Identifier: Apache-2.0
#include "common/tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace buses {
namespace {

// A password for an encrypted key is not asked for at the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

[[noreturn]] void refuse(const std::string& what) {
  const unsigned long error = ERR_get_error();
  const char* reason = error ? ERR_reason_error_string(error) : nullptr;
  ERR_clear_error();
  throw std::runtime_error(what + (reason ? std::string(": ") + reason : std::string()));
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

int tls_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

void Tls::Free::operator()(SSL_CTX* context) const {
  // The library may hold on to it for longer than this object lives.
  SSL_CTX_set_ex_data(context, tls_index(), nullptr);
  SSL_CTX_free(context);
}

Tls::Tls(const TlsFiles& files, const std::string& host, SSL_CTX* shared) : host_(host) {
  ERR_clear_error();
  if (shared && SSL_CTX_up_ref(shared) != 1) refuse("TLS cannot be set up");
  context_.reset(shared ? shared : SSL_CTX_new(TLS_client_method()));
  if (!context_) refuse("TLS cannot be set up");
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_ex_data(context, tls_index(), this);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (files.ca.empty() ? SSL_CTX_set_default_verify_paths(context) != 1
                       : SSL_CTX_load_verify_locations(context, files.ca.c_str(), nullptr) != 1)
    refuse("settings.ca cannot be read as certificates");
  if (!files.certificate.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
      refuse("settings.certificate cannot be read as a certificate");
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
      refuse("settings.key cannot be read as the private key of settings.certificate");
  }
  if (files.verify) {
    X509_VERIFY_PARAM* const expected = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) != 1
                         : X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) != 1)
      refuse("the broker's name cannot be verified");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int good, X509_STORE_CTX* store) {
      const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
      auto* self = ssl ? static_cast<Tls*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tls_index())) : nullptr;
      if (!good && self) self->complaint_ = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
      return good;
    });
  }
  // The library sends the address it connects to as the server's name; before the first message this sends the name.
  SSL_CTX_set_info_callback(context, [](const SSL* ssl, int where, int) {
    if (!(where & SSL_CB_HANDSHAKE_START)) return;
    const auto* self = static_cast<const Tls*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tls_index()));
    if (!self) return;
    SSL_set_tlsext_host_name(const_cast<SSL*>(ssl),
                             is_address(self->host_) ? nullptr : const_cast<char*>(self->host_.c_str()));
    if (self->on_handshake_) self->on_handshake_(SSL_get_fd(ssl));
  });
}

}  // namespace buses
