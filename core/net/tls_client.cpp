// SPDX-License-Identifier: Apache-2.0
#include "net/tls_client.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <stdexcept>

namespace dragoman::net {

TlsClient::TlsClient(const std::string& ca, bool verify)
    : context_(boost::asio::ssl::context::tls_client), verify_(verify) {
  SSL_CTX* c = context_.native_handle();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
  static constexpr unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(c, http11, sizeof http11);
  SSL_CTX_set_verify(c, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  boost::system::error_code error;
  if (!ca.empty()) {
    context_.load_verify_file(ca, error);
    if (error) throw std::runtime_error("the certificates in " + ca + " cannot be used: " + error.message());
  } else if (verify) {
    context_.set_default_verify_paths(error);
    if (error) throw std::runtime_error("the system's certificates cannot be used: " + error.message());
  }
}

bool TlsClient::expect_host(SSL* ssl, const std::string& host) const {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  const bool is_name = no_address.failed();
  std::string name = host;
  if (is_name && name.ends_with('.')) name.pop_back();
  if (is_name && SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) return false;
  if (!verify_) return true;
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return is_name ? X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size()) == 1
                 : X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1;
}

std::string TlsClient::certificate_problem(SSL* ssl) {
  const long result = SSL_get_verify_result(ssl);
  return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

}  // namespace dragoman::net
