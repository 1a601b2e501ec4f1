// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <algorithm>
#include <utility>

namespace dragoman::net {
namespace {

// RFC 9110 9.2.2.
bool idempotent(std::string_view method) {
  static constexpr std::string_view methods[] = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
  return std::find(std::begin(methods), std::end(methods), method) != std::end(methods);
}

// Those whose body means something, so that there is a length even without one (RFC 9110 8.6).
bool has_length(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

HttpClient::Exchange::Exchange(HttpClient& c, std::uint64_t i)
    : client(c),
      id(i),
      deadline(
          [](void* self) {
            auto& late = *static_cast<Exchange*>(self);
            const bool waits = !late.connection;
            late.client.finish(late.id, FetchStatus::timeout, {},
                               late.client.server_.host + " did not answer in time" +
                                   (waits ? "; the request still waited for a connection" : ""));
          },
          this) {}

HttpClient::HttpClient(Loop& loop, HttpOrigin server)
    : loop_(loop),
      server_(std::move(server)),
      lookup_(std::make_shared<HostLookup>(loop, server_.host, server_.port)) {}

HttpClient::~HttpClient() {
  lookup_->stop();
  for (const auto& connection : idle_) connection->close();
  for (const auto& [id, exchange] : exchanges_)
    if (exchange->connection) exchange->connection->close();
}

std::shared_ptr<const HttpOutgoing> HttpClient::write(HttpFetch& request) const {
  drop_connection_fields(request.headers);
  for (const char* own : {"host", "expect"}) drop_field(request.headers, own);
  if (!has_field(request.headers, "accept-encoding")) request.headers.emplace_back("Accept-Encoding", "identity");
  auto out = std::make_shared<HttpOutgoing>();
  out->to_head = request.method == "HEAD";
  std::string& head = out->head;
  head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  head.append(server_.authority).append("\r\n");
  for (const auto& [name, value] : request.headers) head.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty() || has_length(request.method))
    head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  if (server_.idle_ms == 0) head.append("Connection: close\r\n");
  head.append("\r\n");
  out->body = std::move(request.body);
  return out;
}

std::uint64_t HttpClient::fetch(HttpFetch request, Done done) {
  const std::uint64_t id = ++last_id_;
  auto made = std::make_unique<Exchange>(*this, id);
  Exchange& exchange = *made;
  exchange.repeatable = idempotent(request.method);
  const std::uint32_t timeout_ms = request.timeout_ms ? request.timeout_ms : server_.timeout_ms;
  exchange.request = write(request);
  exchange.done = std::move(done);
  exchange.place = waiting_.insert(waiting_.end(), &exchange);
  exchanges_.emplace(id, std::move(made));
  pump();
  if (waiting_.size() > server_.queue && !exchange.connection) {
    take(id);
    return 0;
  }
  loop_.arm(exchange.deadline, timeout_ms);
  return id;
}

bool HttpClient::cancel(std::uint64_t fetch) {
  if (!take(fetch)) return false;
  pump();
  return true;
}

void HttpClient::assign(Exchange& exchange, std::shared_ptr<HttpClientConnection> connection) {
  waiting_.erase(exchange.place);
  connections_[connection.get()] = exchange.id;
  exchange.connection = std::move(connection);
}

void HttpClient::pump() {
  while (!waiting_.empty()) {
    Exchange& first = *waiting_.front();
    if (!idle_.empty() && !first.on_new_connection) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      counters_.reused.add();
      assign(first, connection);
      connection->send(first.request);
      continue;
    }
    if (connections_.size() >= server_.connections) {
      if (idle_.empty()) return;
      idle_.front()->close();
      forget(*idle_.front());
    }
    auto connection = std::make_shared<HttpClientConnection>(static_cast<HttpClientConnection::Owner&>(*this), loop_,
                                                             server_, lookup_);
    counters_.connections.add();
    assign(first, connection);
    connection->connect();
  }
}

std::uint64_t HttpClient::exchange_of(HttpClientConnection& connection) const {
  const auto found = connections_.find(&connection);
  return found == connections_.end() ? 0 : found->second;
}

void HttpClient::forget(HttpClientConnection& connection) {
  if (connections_.erase(&connection)) counters_.connections.subtract();
  std::erase_if(idle_, [&](const auto& idle) { return idle.get() == &connection; });
}

std::unique_ptr<HttpClient::Exchange> HttpClient::take(std::uint64_t id) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return nullptr;
  std::unique_ptr<Exchange> exchange = std::move(found->second);
  exchanges_.erase(found);
  loop_.timers().cancel(exchange->deadline);
  if (!exchange->connection) {
    waiting_.erase(exchange->place);
  } else if (exchange_of(*exchange->connection) == id) {
    exchange->connection->close();
    forget(*exchange->connection);
  }
  return exchange;
}

void HttpClient::finish(std::uint64_t id, FetchStatus status, HttpAnswer answer, const std::string& why) {
  const std::unique_ptr<Exchange> exchange = take(id);
  if (!exchange) return;
  pump();
  exchange->done(status, std::move(answer), why);
}

void HttpClient::connected(HttpClientConnection& connection) {
  counters_.connected.add();
  const auto found = exchanges_.find(exchange_of(connection));
  if (found != exchanges_.end()) connection.send(found->second->request);
}

void HttpClient::answered(HttpClientConnection& connection, HttpAnswer answer) {
  const std::uint64_t id = exchange_of(connection);
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return;
  if (connection.closed()) {
    forget(connection);
  } else {
    connections_[&connection] = 0;
    idle_.push_back(found->second->connection);
  }
  finish(id, FetchStatus::ok, std::move(answer), {});
}

void HttpClient::failed(HttpClientConnection& connection, HttpClientConnection::Failure failure,
                        const std::string& why) {
  const std::uint64_t id = exchange_of(connection);
  const bool kept = connection.used();
  const auto held = connection.shared_from_this();
  forget(connection);
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return pump();
  Exchange& exchange = *found->second;
  if (failure == HttpClientConnection::Failure::closed_early && kept && exchange.repeatable &&
      !exchange.on_new_connection) {
    counters_.repeated.add();
    exchange.connection.reset();
    exchange.on_new_connection = true;
    exchange.place = waiting_.insert(waiting_.begin(), &exchange);
    return pump();
  }
  finish(id, failure == HttpClientConnection::Failure::too_large ? FetchStatus::too_large : FetchStatus::unavailable,
         {}, why);
}

}  // namespace dragoman::net
