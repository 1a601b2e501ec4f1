// SPDX-License-Identifier: Apache-2.0
// A small HTTP server on a thread of its own: the admin listener.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "net/http_request.hpp"
#include "net/http_response.hpp"

namespace dragoman::net {

struct HttpServerOptions {
  std::string address;  // "127.0.0.1:9600" or "unix:/path"
  std::size_t header_bytes = 16384;
  std::size_t body_bytes = 4 << 20;
  std::uint32_t handshake_timeout_ms = 10000;
  std::uint32_t idle_timeout_ms = 60000;
  std::size_t max_connections = 256;
};

class HttpServer {
 public:
  using Respond = std::function<void(HttpResponse)>;  // once, any thread
  using Handler = std::function<void(const HttpRequest&, Respond)>;

  // Binds; throws std::runtime_error with a sentence. The handler runs on the server's thread.
  HttpServer(const HttpServerOptions& options, Handler handler);
  ~HttpServer();
  void start();
  // Closes every connection and ends the thread.
  void stop();
  unsigned port() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace dragoman::net
