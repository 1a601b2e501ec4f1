// SPDX-License-Identifier: Apache-2.0
// The admin API on its listener. Made, started and destroyed by one thread; destroyed before the gateway.
#pragma once
#include "admin/admin_api.hpp"
#include "config/configuration.hpp"
#include "net/http_server.hpp"

namespace dragoman::admin {

class AdminServer {
 public:
  // Binds; throws std::runtime_error with a sentence.
  AdminServer(gateway::Gateway& gateway, const config::AdminConfig& config, GatewayBackend::Reload reload);
  void start() { server_.start(); }
  void stop() { server_.stop(); }
  unsigned port() const { return server_.port(); }

 private:
  GatewayBackend backend_;
  AdminApi api_;
  net::HttpServer server_;
};

}  // namespace dragoman::admin
