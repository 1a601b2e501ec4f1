// SPDX-License-Identifier: Apache-2.0
#include "gateway/front_door.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "gateway/shard.hpp"
#include "net/forwarded.hpp"

namespace dragoman::gateway {
namespace {

// Only who is known by address can be a trusted proxy itself: an unknown client could name any other.
net::Peer proxied_peer(const codec::ProxyHeader& header, const net::Peer& proxy, const net::AddressSet& trusted) {
  using Client = codec::ProxyHeader::Client;
  switch (header.client) {
    case Client::address:
      return {header.source.text(), trusted.contains(header.source.address)};
    case Client::local_socket:
      return {"unix", false};
    case Client::proxy:
      return proxy;
    case Client::unknown:
      break;
  }
  return {proxy.name, false};
}

bool mount_takes_body(ShardMount& mount) {
  return mount.instance().has_http() || mount.sockjs();
}

}  // namespace

net::HttpResponse plain_answer(int status, std::string text) {
  net::HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text) + "\n";
  return response;
}

net::HttpResponse quota_answer(const service::Quotas::Verdict& verdict) {
  const bool rate = verdict.quota == service::Quota::connections_per_minute;
  const int status = verdict.quota == service::Quota::connections ? 503 : 429;
  net::HttpResponse response = plain_answer(status, rate ? "too many attempts" : "too many connections");
  response.headers.emplace_back("Retry-After", std::to_string(std::max(verdict.retry_after_s, 1u)));
  return response;
}

bool path_matches(std::string_view route, std::string_view path) {
  if (route.ends_with('/'))
    return path.starts_with(route) || (route.size() > 1 && path == route.substr(0, route.size() - 1));
  return path == route || (path.size() == route.size() + 1 && path.starts_with(route) && path.back() == '/');
}

bool route_matches(const plugin::Route& route, std::string_view path) {
  if (path.empty() || path.front() != '/') return false;
  path.remove_prefix(1);
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    if (route.segments[i] == "{*}") return true;
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    const bool last = i + 1 == route.segments.size();
    if (last != (slash == std::string_view::npos)) return false;
    if (route.segments[i] == "{}" ? segment.empty() : segment != route.segments[i]) return false;
    if (!last) path.remove_prefix(slash + 1);
  }
  return true;
}

FrontDoor::FrontDoor(Shard& shard, ListenerShared& shared, ListenerSettingsPtr settings, net::ListenSocket socket)
    : shard_(shard),
      shared_(shared),
      acceptor_(shard.loop, std::move(socket), settings->config.name,
                [this](net::Stream::Socket s) { accept(std::move(s)); }) {
  use(std::move(settings));
}

void FrontDoor::use(ListenerSettingsPtr settings) {
  const bool backlog = settings_ && settings_->config.backlog != settings->config.backlog;
  settings_ = std::move(settings);
  const config::ListenerConfig& config = settings_->config;
  acceptor_.set_name(config.name);
  if (backlog) acceptor_.set_backlog(config.backlog);
  limits_ = {config.header_bytes, 0, config.handshake_timeout_ms, config.idle_timeout_ms};
  for (const auto& route : settings_->routes) {
    ShardMount* mount = shard_.mount(route.mount);
    if (mount && mount_takes_body(*mount))
      limits_.body_bytes = std::max(limits_.body_bytes, mount->shared().limits.message_bytes);
  }
}

void FrontDoor::accept(net::Stream::Socket socket) {
  counters.accepted.add();
  if (settings_->config.max_connections &&
      shared_.connections.load(std::memory_order_relaxed) >= settings_->config.max_connections) {
    counters.refused_full.add();
    return;
  }
  net::Peer peer{net::peer_name(socket)};
  if (peer.name.empty()) return;
  shared_.connections.fetch_add(1, std::memory_order_relaxed);
  net::prepare_socket(socket, settings_->config.tcp_user_timeout_ms);
  peer.forwards = settings_->trusted_proxies.contains(peer.name);
  if (!settings_->config.proxy_protocol) return serve(std::move(socket), std::move(peer));
  if (!peer.forwards) return refuse_proxy(peer);
  greet(std::move(socket), std::move(peer));
}

void FrontDoor::greet(net::Stream::Socket socket, net::Peer proxy) {
  auto greeting = std::make_shared<net::ProxyGreeting>(shard_.loop, std::move(socket));
  greetings_.emplace(greeting.get(), greeting);
  greeting->start(settings_->config.handshake_timeout_ms,
                  [this, waiting = greeting.get(), proxy = std::move(proxy)](net::ProxyGreeting::End end) {
                    const auto ended = std::move(greetings_.extract(waiting).mapped());
                    if (end == net::ProxyGreeting::End::refused) return refuse_proxy(proxy);
                    if (end == net::ProxyGreeting::End::left) {
                      shared_.connections.fetch_sub(1, std::memory_order_relaxed);
                      return;
                    }
                    serve(ended->take_socket(), proxied_peer(ended->header(), proxy, settings_->trusted_proxies));
                  });
}

void FrontDoor::refuse_proxy(const net::Peer& peer) {
  counters.refused_proxy.add();
  shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  base::log(base::LogLevel::debug, "no header of the PROXY protocol from a trusted proxy",
            {{"listener", settings_->config.name}, {"peer", peer.name}});
}

void FrontDoor::serve(net::Stream::Socket socket, net::Peer peer) {
  SSL* ssl = settings_->tls ? settings_->tls->make_server_session() : nullptr;
  if (settings_->tls && !ssl) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  auto connection = std::make_shared<net::HttpConnection>(shard_.loop, net::Stream(std::move(socket), ssl),
                                                          std::move(peer), limits_, *this);
  connections_.emplace(connection.get(), Client{connection, {}});
  connection->start();
}

void FrontDoor::on_closed(net::HttpConnection& connection) {
  const auto found = connections_.find(&connection);
  if (found == connections_.end()) return;
  const Client client = found->second;
  connections_.erase(found);
  shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  if (client.answering.gone) client.answering.gone();
}

void FrontDoor::close_connections() {
  for (const auto& entry : greetings_) {
    entry.second->close();
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  }
  greetings_.clear();
  const auto open = connections_;
  for (const auto& entry : open) entry.second.connection->drain();
}

void FrontDoor::on_writable(net::HttpConnection& connection) {
  const auto found = connections_.find(&connection);
  if (found == connections_.end() || !found->second.answering.writable) return;
  const auto writable = found->second.answering.writable;
  writable();
}

const ListenerSettings::Route* FrontDoor::route(std::string_view path) {
  for (const auto& route : settings_->routes)
    if (path_matches(route.path, path)) return &route;
  return nullptr;
}

void FrontDoor::log_request(const net::HttpConnection& connection, const net::HttpRequest& request,
                            std::string_view target) {
  if (!base::log_enabled(base::LogLevel::debug)) return;
  base::log(base::LogLevel::debug, "request",
            {{"listener", settings_->config.name},
             {"peer", connection.peer()},
             {"method", request.method},
             {"target", base::redact_query(target)}});
}

bool FrontDoor::takes_body(const net::HttpRequest& request) {
  const ListenerSettings::Route* found = route(request.path);
  ShardMount* mount = found ? shard_.mount(found->mount) : nullptr;
  return mount && mount_takes_body(*mount);
}

void FrontDoor::on_request(const std::shared_ptr<net::HttpConnection>& connection, net::HttpRequest& request) {
  counters.http_requests.add();
  if (connection->peer_forwards())
    connection->set_client(net::forwarded_client(request, settings_->config.forwarded_header,
                                                 settings_->trusted_proxies, connection->peer()));
  const ListenerSettings::Route* found = route(request.path);
  ShardMount* mount = found ? shard_.mount(found->mount) : nullptr;
  if (!mount || !mount->sockjs()) log_request(*connection, request, request.target);
  if (!mount) {
    counters.not_found.add();
    return connection->respond(plain_answer(404, "nothing is mounted here"));
  }
  const bool routes = !mount->instance().routes().empty();
  SockjsDoor* const sockjs = mount->sockjs();
  if (sockjs && found->sessions) {
    std::string_view base = found->path;
    if (base.ends_with('/')) base.remove_suffix(1);
    const std::string prefix = std::string(base) + mount->shared().config.sockjs.prefix;
    const std::string_view path = request.path;
    if (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/'))
      return sockjs->handle(*this, connection, request, path.substr(prefix.size()));
  }
  if (sockjs) log_request(*connection, request, request.target);
  if (!routes && (sockjs || !found->sessions)) {
    counters.not_found.add();
    return connection->respond(plain_answer(404, "there is nothing at this path"));
  }
  if (!routes) return upgrade(*connection, request, *mount, Framing::plain, request.path);
  std::string_view below = std::string_view(request.path).substr(std::min(found->path.size(), request.path.size()));
  if (found->path.ends_with('/')) below = std::string_view(request.path).substr(found->path.size() - 1);
  dispatch(connection, request, *mount, below.empty() ? std::string_view("/") : below, found->sessions);
}

void FrontDoor::dispatch(const std::shared_ptr<net::HttpConnection>& connection, const net::HttpRequest& request,
                         ShardMount& mount, std::string_view path, bool sessions) {
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  const plugin::Route* websocket = nullptr;
  const plugin::Route* answering = nullptr;
  const plugin::Route* rest = nullptr;
  std::string allow;
  for (const plugin::Route& r : mount.instance().routes()) {
    if (!route_matches(r, path)) continue;
    if (r.websocket) {
      if (sessions) websocket = &r;
    } else if (r.rest) {
      rest = &r;
    } else {
      if (r.method == method || r.method == "*") answering = &r;
      allow += (allow.empty() ? "" : ", ") + (r.method == "GET" ? "GET, HEAD" : r.method);
    }
  }
  if (websocket && (allow.empty() || request.has_token("Upgrade", "websocket")))
    return upgrade(*connection, request, mount, Framing::plain, request.path);
  if (allow.empty()) answering = rest;
  if (allow.empty() && !rest) {
    counters.not_found.add();
    return connection->respond(plain_answer(404, "there is nothing at this path"));
  }
  if (!answering) {
    counters.refused_method.add();
    net::HttpResponse response = plain_answer(405, "this path does not know the method");
    response.headers.emplace_back("Allow", allow);
    return connection->respond(std::move(response));
  }
  if (request.body.size() > mount.shared().limits.message_bytes) {
    net::HttpResponse response = plain_answer(413, "the body is too large");
    response.keep_alive = false;
    return connection->respond(std::move(response));
  }
  const dgm_request id = mount.requests().open(connection, request, path);
  if (!id) return;
  if (!on_client(*connection, {[&mount, id, life = mount.life()] { mount.requests().gone(id); },
                               [&mount, id, life = mount.life()] { mount.requests().writable(id); }}))
    mount.requests().gone(id);
}

bool FrontDoor::on_client(net::HttpConnection& connection, Answering answering) {
  const auto found = connections_.find(&connection);
  if (found == connections_.end()) return false;
  found->second.answering = std::move(answering);
  return true;
}

void FrontDoor::hand_over(const std::shared_ptr<net::HttpConnection>& connection, net::HttpRequest& request,
                          unsigned shard) {
  for (Shard* other : shard_.others) {
    if (other->number != shard) continue;
    const std::uint32_t listener = shared_.number;
    other->loop.post(
        [other, listener,
         taken = std::make_shared<net::HttpConnection::Taken>(connection->hand_over(other->loop, std::move(request)))] {
          if (FrontDoor* door = other->front_door(listener)) door->adopt(std::move(*taken));
        });
    return;
  }
}

void FrontDoor::adopt(net::HttpConnection::Taken taken) {
  shared_.connections.fetch_add(1, std::memory_order_relaxed);
  net::HttpRequest request = std::move(taken.request);
  auto connection = std::make_shared<net::HttpConnection>(shard_.loop, std::move(taken), limits_, *this);
  connections_.emplace(connection.get(), Client{connection, {}});
  connection->answer_adopted(std::move(request));
}

}  // namespace dragoman::gateway
