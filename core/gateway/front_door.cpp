// SPDX-License-Identifier: Apache-2.0
#include "gateway/front_door.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "gateway/shard.hpp"
#include "net/websocket_upgrade.hpp"

namespace dragoman::gateway {
namespace {

net::HttpResponse plain(int status, std::string text) {
  net::HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text) + "\n";
  return response;
}

}  // namespace

bool path_matches(std::string_view route, std::string_view path) {
  if (route.ends_with('/'))
    return path.starts_with(route) || (route.size() > 1 && path == route.substr(0, route.size() - 1));
  return path == route || (path.size() == route.size() + 1 && path.starts_with(route) && path.back() == '/');
}

FrontDoor::FrontDoor(Shard& shard, ListenerShared& shared, net::ListenSocket socket)
    : shard_(shard),
      shared_(shared),
      limits_{shared.config.header_bytes, 0, shared.config.handshake_timeout_ms, shared.config.idle_timeout_ms},
      acceptor_(shard.loop, std::move(socket), shared.config.name,
                [this](net::Stream::Socket s) { accept(std::move(s)); }) {}

void FrontDoor::accept(net::Stream::Socket socket) {
  counters.accepted.add();
  if (shared_.config.max_connections &&
      shared_.connections.load(std::memory_order_relaxed) >= shared_.config.max_connections) {
    counters.refused_full.add();
    return;
  }
  shared_.connections.fetch_add(1, std::memory_order_relaxed);
  net::prepare_socket(socket, shared_.config.tcp_user_timeout_ms);
  std::string peer = net::peer_name(socket);
  SSL* ssl = shared_.tls ? shared_.tls->make_server_session() : nullptr;
  if (shared_.tls && !ssl) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  auto connection = std::make_shared<net::HttpConnection>(shard_.loop, net::Stream(std::move(socket), ssl),
                                                          std::move(peer), limits_, *this);
  connections_.emplace(connection.get(), connection);
  connection->start();
}

void FrontDoor::on_closed(net::HttpConnection& connection) {
  if (connections_.erase(&connection)) shared_.connections.fetch_sub(1, std::memory_order_relaxed);
}

void FrontDoor::close_connections() {
  const auto open = connections_;
  for (const auto& entry : open) entry.second->drain();
}

ShardMount* FrontDoor::route(std::string_view path) {
  for (const auto& route : shared_.routes)
    if (path_matches(route.path, path)) return shard_.mount(route.mount);
  return nullptr;
}

void FrontDoor::on_request(const std::shared_ptr<net::HttpConnection>& connection, net::HttpRequest& request) {
  counters.http_requests.add();
  if (base::log_enabled(base::LogLevel::debug))
    base::log(base::LogLevel::debug, "request",
              {{"listener", shared_.config.name},
               {"peer", connection->peer()},
               {"method", request.method},
               {"target", base::redact_query(request.target)}});
  ShardMount* mount = route(request.path);
  if (!mount) {
    counters.not_found.add();
    return connection->respond(plain(404, "nothing is mounted here"));
  }
  upgrade(*connection, request, *mount);
}

void FrontDoor::upgrade(net::HttpConnection& connection, const net::HttpRequest& request, ShardMount& mount) {
  const config::MountConfig& config = mount.shared().config;
  const net::Upgrade verdict = net::judge_upgrade(request, config.compression);
  if (verdict.kind != net::Upgrade::Kind::accept) {
    counters.refused_handshake.add();
    net::HttpResponse response = plain(verdict.status, verdict.text);
    for (const auto& header : verdict.headers) response.headers.push_back(header);
    response.keep_alive = false;
    return connection.respond(std::move(response));
  }
  if (!config.allowed_origins.empty()) {
    const std::string* origin = request.find("Origin");
    if (!origin || std::find(config.allowed_origins.begin(), config.allowed_origins.end(), *origin) ==
                       config.allowed_origins.end()) {
      counters.refused_origin.add();
      auto response = plain(403, "this origin is not allowed");
      response.keep_alive = false;
      return connection.respond(std::move(response));
    }
  }
  if (!mount.admit()) {
    counters.refused_mount_full.add();
    auto response = plain(503, "too many connections");
    response.headers.emplace_back("Retry-After", "5");
    response.keep_alive = false;
    return connection.respond(std::move(response));
  }
  counters.upgrades.add();

  std::vector<dgm_field> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers)
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  dgm_open head{};
  head.size = sizeof head;
  head.flags = connection.encrypted() ? DGM_OPEN_TLS : 0;
  head.path = {request.path.data(), request.path.size()};
  head.query = {request.query.data(), request.query.size()};
  const std::string peer = connection.peer();
  head.peer = {peer.data(), peer.size()};
  head.headers = headers.data();
  head.header_count = headers.size();

  std::string leftover;
  net::Stream stream = connection.upgrade(leftover);
  const iovec answer{const_cast<char*>(verdict.response.data()), verdict.response.size()};
  // A fresh socket takes this much; if it does not, its peer is gone and the session finds out.
  stream.write(&answer, 1);
  mount.open(std::move(stream), verdict.deflate, std::move(leftover), head, shared_.connections);
}

}  // namespace dragoman::gateway
