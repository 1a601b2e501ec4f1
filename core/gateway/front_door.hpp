// SPDX-License-Identifier: Apache-2.0
// A listener on one shard: connections in, and by path on to the mounts, as sessions or with an HTTP answer.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/configuration.hpp"
#include "gateway/shard_mount.hpp"
#include "net/acceptor.hpp"
#include "net/http_connection.hpp"
#include "net/peer.hpp"
#include "net/proxy_greeting.hpp"
#include "net/tls_context.hpp"
#include "net/websocket_upgrade.hpp"

namespace dragoman::gateway {

// What counts for the next connection and request; immutable.
struct ListenerSettings {
  config::ListenerConfig config;
  std::shared_ptr<const net::TlsContext> tls;
  net::AddressSet trusted_proxies;
  struct Route {
    std::string path;
    std::uint32_t mount;
    bool sessions;
  };
  std::vector<Route> routes;  // longest path first
};
using ListenerSettingsPtr = std::shared_ptr<const ListenerSettings>;

// What all shards of a listener share.
struct ListenerShared {
  std::uint32_t number = 0;  // never that of another listener
  std::atomic<std::uint32_t> connections{0};
  unsigned port = 0;
};

struct FrontDoorCounters {
  base::Counter accepted, refused_full, refused_proxy, tls_sessions, http_requests, upgrades;
  base::Counter refused_origin, refused_mount_full, refused_handshake, not_found, refused_method;
};

// What the boundary may know of a request that opens a session; valid while the request is.
struct RequestView {
  // path: what the dialect sees of the request's.
  RequestView(const net::HttpRequest& request, const net::HttpConnection& connection, std::string_view path);
  std::vector<dgm_field> headers;
  std::string peer;
  dgm_open c;
};

// Who answers a request that takes its time. Each may be empty.
struct Answering {
  std::function<void()> gone, writable;
};

class FrontDoor final : public net::HttpConnection::Host {
 public:
  FrontDoor(Shard& shard, ListenerShared& shared, ListenerSettingsPtr settings, net::ListenSocket socket);
  void start() { acceptor_.start(); }
  // From now on.
  void use(ListenerSettingsPtr settings);
  void stop_accepting() { acceptor_.stop(); }
  bool idle() const { return connections_.empty() && greetings_.empty(); }
  // Closes what is not yet a session.
  void close_connections();
  FrontDoorCounters counters;
  ListenerShared& shared() { return shared_; }

  enum class Framing { plain, sockjs };
  // Makes a session of the connection, perhaps once its credential is known, or says why not. path: as for RequestView.
  void upgrade(net::HttpConnection& connection, const net::HttpRequest& request, ShardMount& mount, Framing framing,
               std::string_view path);
  // Until the connection's next request these are called. False: it is closed already.
  bool on_client(net::HttpConnection& connection, Answering answering);
  // target: of the request, without secrets.
  void log_request(const net::HttpConnection& connection, const net::HttpRequest& request, std::string_view target);
  // The connection goes to another shard, where the request is answered.
  void hand_over(const std::shared_ptr<net::HttpConnection>& connection, net::HttpRequest& request, unsigned shard);

  void on_request(const std::shared_ptr<net::HttpConnection>& connection, net::HttpRequest& request) override;
  bool takes_body(const net::HttpRequest& request) override;
  void on_writable(net::HttpConnection& connection) override;
  void on_closed(net::HttpConnection& connection) override;

 private:
  void accept(net::Stream::Socket socket);
  // Waits for what the proxy says of its client.
  void greet(net::Stream::Socket socket, net::Peer proxy);
  void refuse_proxy(const net::Peer& peer);
  void serve(net::Stream::Socket socket, net::Peer peer);
  const ListenerSettings::Route* route(std::string_view path);
  // To one of the routes that the mount's dialect has declared; path: below the mount.
  void dispatch(const std::shared_ptr<net::HttpConnection>& connection, const net::HttpRequest& request,
                ShardMount& mount, std::string_view path, bool sessions);
  void adopt(net::HttpConnection::Taken taken);

  // A request that opens a session, as far as the gateway is asked.
  struct Handshake {
    std::shared_ptr<net::HttpConnection> connection;
    net::HttpRequest request;
    ShardMount& mount;
    Framing framing;
    std::string path;
    net::Upgrade verdict;
  };
  void refuse(net::HttpConnection& connection, int status, std::string text);
  void authenticate(Handshake handshake, std::string_view credential);
  void authenticated(const Handshake& handshake, service::AuthStatus status, const AcceptedCredential& accepted,
                     std::string_view why);
  // A place in the mount is taken; accepted: as for ShardMount::open().
  void open_session(net::HttpConnection& connection, ShardMount& mount, Framing framing, const net::Upgrade& verdict,
                    const RequestView& head, const AcceptedCredential* accepted);

  Shard& shard_;
  ListenerShared& shared_;
  ListenerSettingsPtr settings_;
  net::HttpLimits limits_;
  struct Client {
    std::shared_ptr<net::HttpConnection> connection;
    Answering answering;
  };
  std::unordered_map<net::HttpConnection*, Client> connections_;
  std::unordered_map<net::ProxyGreeting*, std::shared_ptr<net::ProxyGreeting>> greetings_;
  net::Acceptor acceptor_;
};

net::HttpResponse plain_answer(int status, std::string text);
// What a client is told when a quota is full.
net::HttpResponse quota_answer(const service::Quotas::Verdict& verdict);
// "/" and "/a/" match everything below; "/a" only itself, with or without a slash behind it.
bool path_matches(std::string_view route, std::string_view path);
bool route_matches(const plugin::Route& route, std::string_view path);

}  // namespace dragoman::gateway
