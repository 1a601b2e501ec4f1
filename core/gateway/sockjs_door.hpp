// SPDX-License-Identifier: Apache-2.0
// The HTTP side of the transport sockjs for one mount on one shard (SockJS digest): pages, sessions' requests and
// WebSockets. A request of a session whose home is another shard moves there with its connection.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "codec/sockjs_request.hpp"
#include "net/http_connection.hpp"
#include "transport/sockjs_http_session.hpp"

namespace dragoman::gateway {

class FrontDoor;
class Shard;
class ShardMount;

class SockjsDoor {
 public:
  SockjsDoor(Shard& shard, ShardMount& mount);

  // below: what stands behind the prefix, without the query.
  void handle(FrontDoor& door, const std::shared_ptr<net::HttpConnection>& connection, net::HttpRequest& request,
              std::string_view below);

 private:
  struct Call {
    FrontDoor& door;
    const std::shared_ptr<net::HttpConnection>& connection;
    net::HttpRequest& request;
    std::string_view base;  // where SockJS begins: all of the path that a dialect sees, and a log
  };
  void log(const Call& call, const codec::SockjsPath& path, std::string_view below);
  void iframe(const Call& call);
  void info(const Call& call);
  void options(const Call& call, std::string_view methods, bool session);
  void websocket(const Call& call, bool raw);
  void session(const Call& call, const codec::SockjsPath& path);
  // Of a mount that this one has taken the place of; null if the session is not there.
  SockjsDoor* elder_with(const std::string& key);
  void at_home(const Call& call, codec::SockjsTransport transport, const std::string& key);
  void receive(const Call& call, codec::SockjsTransport transport, const std::string& key);
  void send(const Call& call, codec::SockjsTransport transport, const std::string& key);
  transport::SockjsHttpSession* open(const Call& call, codec::SockjsTransport transport, const std::string& key);
  // With the headers that every answer of a session transport has.
  net::HttpResponse answer(const Call& call, codec::SockjsTransport transport, int status, std::string text = {});
  void not_allowed(const Call& call, std::string_view allow);

  Shard& shard_;
  ShardMount& mount_;
  transport::SockjsLimits limits_;
  transport::SockjsSessions sessions_;
  std::string iframe_page_, iframe_etag_;
};

}  // namespace dragoman::gateway
