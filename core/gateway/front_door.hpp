// SPDX-License-Identifier: Apache-2.0
// A listener on one shard: connections in, and by path on to the mounts, as sessions or with an HTTP answer.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/configuration.hpp"
#include "gateway/shard_mount.hpp"
#include "net/acceptor.hpp"
#include "net/http_connection.hpp"
#include "net/tls_context.hpp"

namespace dragoman::gateway {

// What all shards of a listener share.
struct ListenerShared {
  config::ListenerConfig config;
  std::unique_ptr<net::TlsContext> tls;
  struct Route {
    std::string path;
    std::uint32_t mount;
  };
  std::vector<Route> routes;  // longest path first
  std::atomic<std::uint32_t> connections{0};
  unsigned port = 0;
};

struct FrontDoorCounters {
  base::Counter accepted, refused_full, tls_sessions, http_requests, upgrades;
  base::Counter refused_origin, refused_mount_full, refused_handshake, not_found, refused_method;
};

class FrontDoor final : public net::HttpConnection::Host {
 public:
  FrontDoor(Shard& shard, ListenerShared& shared, net::ListenSocket socket);
  void start() { acceptor_.start(); }
  void stop_accepting() { acceptor_.stop(); }
  // Closes what is not yet a session.
  void close_connections();
  FrontDoorCounters counters;
  ListenerShared& shared() { return shared_; }

  void on_request(const std::shared_ptr<net::HttpConnection>& connection, net::HttpRequest& request) override;
  void on_writable(net::HttpConnection& connection) override;
  void on_closed(net::HttpConnection& connection) override;

 private:
  void accept(net::Stream::Socket socket);
  const ListenerShared::Route* route(std::string_view path);
  // To one of the routes that the mount's dialect has declared; path: below the mount.
  void dispatch(const std::shared_ptr<net::HttpConnection>& connection, const net::HttpRequest& request,
                ShardMount& mount, std::string_view path);
  void upgrade(net::HttpConnection& connection, const net::HttpRequest& request, ShardMount& mount);

  Shard& shard_;
  ListenerShared& shared_;
  net::HttpLimits limits_;
  struct Client {
    std::shared_ptr<net::HttpConnection> connection;
    ShardMount* mount = nullptr;  // that is answering a request
    dgm_request request = 0;
  };
  std::unordered_map<net::HttpConnection*, Client> connections_;
  net::Acceptor acceptor_;
};

// "/" and "/a/" match everything below; "/a" only itself, with or without a slash behind it.
bool path_matches(std::string_view route, std::string_view path);
bool route_matches(const plugin::Route& route, std::string_view path);

}  // namespace dragoman::gateway
