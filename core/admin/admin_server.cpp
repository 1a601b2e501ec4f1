// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_server.hpp"

namespace dragoman::admin {
namespace {

net::HttpServerOptions options(const config::AdminConfig& config) {
  net::HttpServerOptions out;
  out.address = config.address;
  out.body_bytes = config.body_bytes;
  return out;
}

}  // namespace

AdminServer::AdminServer(gateway::Gateway& gateway, const config::AdminConfig& config, GatewayBackend::Reload reload)
    : backend_(gateway, std::move(reload)),
      api_(backend_, config.token, {}, config.demo),
      server_(options(config),
              [this](const auto& request, auto respond) { api_.handle(request, std::move(respond)); }) {}

}  // namespace dragoman::admin
