// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <thread>
#include <unordered_map>

#include "net/acceptor.hpp"
#include "net/http_connection.hpp"

namespace dragoman::net {

struct HttpServer::Impl : HttpConnection::Host, std::enable_shared_from_this<Impl> {
  Impl(const HttpServerOptions& o, Handler h)
      : options(o),
        handler(std::move(h)),
        limits{o.header_bytes, o.body_bytes, o.handshake_timeout_ms, o.idle_timeout_ms},
        socket(ListenSocket::open(o.address, 128, 0600, 0, true)),
        port(socket.port()),
        acceptor(loop, std::move(socket), "admin", [this](Stream::Socket accepted) { accept(std::move(accepted)); }) {}

  void accept(Stream::Socket accepted) {
    if (connections.size() >= options.max_connections) return;
    prepare_socket(accepted, options.idle_timeout_ms);
    Peer peer{peer_name(accepted)};
    auto connection =
        std::make_shared<HttpConnection>(loop, Stream(std::move(accepted), nullptr), std::move(peer), limits, *this);
    connections.emplace(connection.get(), connection);
    connection->start();
  }

  void on_request(const std::shared_ptr<HttpConnection>& connection, HttpRequest& request) override {
    handler(request, [self = weak_from_this(), weak = std::weak_ptr(connection)](HttpResponse response) {
      const auto impl = self.lock();
      if (!impl) return;
      auto answer = [weak, response = std::move(response)]() mutable {
        if (const auto c = weak.lock()) c->respond(std::move(response));
      };
      if (impl->loop.on_thread())
        answer();
      else
        impl->loop.post(std::move(answer));
    });
  }

  void on_closed(HttpConnection& connection) override { connections.erase(&connection); }

  HttpServerOptions options;
  Handler handler;
  HttpLimits limits;
  Loop loop;
  ListenSocket socket;
  unsigned port;
  std::unordered_map<HttpConnection*, std::shared_ptr<HttpConnection>> connections;
  Acceptor acceptor;
  std::thread thread;
};

HttpServer::HttpServer(const HttpServerOptions& options, Handler handler)
    : impl_(std::make_shared<Impl>(options, std::move(handler))) {}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::start() {
  impl_->acceptor.start();
  impl_->thread = std::thread([impl = impl_.get()] { impl->loop.run(); });
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->loop.post([impl = impl_.get()] {
    impl->acceptor.stop();
    const auto open = std::move(impl->connections);
    impl->connections.clear();
    for (const auto& entry : open) entry.second->close();
    impl->loop.stop();
  });
  impl_->thread.join();
}

unsigned HttpServer::port() const {
  return impl_->port;
}

}  // namespace dragoman::net
