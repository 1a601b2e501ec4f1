// SPDX-License-Identifier: Apache-2.0
// The admin HTTP API without sockets: publish, health, metrics, tokens. docs/operations.md and docs/publishing.md
// describe it. Every answer but /metrics is JSON; a refusal is {"error": sentence, ...}. Tokens are neither logged nor
// sent back.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "admin/admin_backend.hpp"
#include "admin/bearer_token.hpp"
#include "event/publish_door.hpp"
#include "net/http_request.hpp"
#include "net/http_response.hpp"

namespace dragoman::admin {

class AdminApi {
 public:
  using Respond = std::function<void(net::HttpResponse)>;

  // backend: outlives the API. token: what every request must carry but those for health and for the demo's page, which
  // is there if `demo` is true.
  AdminApi(AdminBackend& backend, std::string_view token, const event::PublishLimits& limits = {}, bool demo = false);

  // Any thread. Calls `respond` once: inside the call, or later on any thread, when a bus or the shards have
  // answered.
  void handle(const net::HttpRequest& request, Respond respond);

 private:
  struct Route;
  Route route(std::string_view path) const;
  // Takes `respond` along when the bus gets the events.
  void publish(const net::HttpRequest& request, Respond& respond);
  net::HttpResponse ready() const;
  net::HttpResponse metrics() const;
  void reload(const Respond& respond);
  net::HttpResponse put_token(const std::string& authenticator, const net::HttpRequest& request);
  void sessions(const std::string& mount, const net::HttpRequest& request, const Respond& respond);
  net::HttpResponse revoke_token(const std::string& authenticator, const net::HttpRequest& request);
  std::shared_ptr<service::StaticAuthenticator> static_authenticator(const std::string& name);

  AdminBackend& backend_;
  const BearerToken token_;
  const event::PublishLimits limits_;
  const bool demo_;
};

}  // namespace dragoman::admin
