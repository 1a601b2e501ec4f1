// SPDX-License-Identifier: Apache-2.0
// Requests to one HTTP server from one loop: kept connections, a bounded queue, deadlines. One thread: its loop's.
#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/counter.hpp"
#include "net/http_client_connection.hpp"

namespace dragoman::net {

struct HttpFetch {
  std::string method;  // a token
  std::string target;  // path and query, without blanks and control characters
  HttpFields headers;  // names are tokens; those of a connection, Host, Content-Length and Expect are left out
  std::string body;
  std::uint32_t timeout_ms = 0;  // 0: the server's
};

enum class FetchStatus { ok, unavailable, timeout, too_large };

struct HttpClientCounters {
  base::Counter connections;  // that are there now, connecting ones too
  base::Counter connected, reused, repeated;
};

class HttpClient final : private HttpClientConnection::Owner {
 public:
  // why: a sentence for the log unless the status is ok.
  using Done = std::function<void(FetchStatus status, HttpAnswer answer, const std::string& why)>;

  // The loop outlives it.
  HttpClient(Loop& loop, HttpOrigin server);
  // Closes all connections; what is under way is never answered.
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // A number for cancel(), or 0: too many wait. done comes exactly once unless it is canceled, later, on the loop.
  std::uint64_t fetch(HttpFetch request, Done done);
  // Closes the connection in use. False: it is answered already.
  bool cancel(std::uint64_t fetch);

  const HttpOrigin& server() const { return server_; }
  const HttpClientCounters& counters() const { return counters_; }

 private:
  struct Exchange {
    HttpClient& client;
    std::uint64_t id;
    std::shared_ptr<const HttpOutgoing> request;
    Done done;
    bool repeatable = false;  // sent once more when a kept connection turns out to be closed
    bool on_new_connection = false;
    std::shared_ptr<HttpClientConnection> connection;  // null: it waits
    std::list<Exchange*>::iterator place;              // in waiting_ then
    base::Timer deadline;
    Exchange(HttpClient& c, std::uint64_t i);
  };

  void connected(HttpClientConnection& connection) override;
  void answered(HttpClientConnection& connection, HttpAnswer answer) override;
  void failed(HttpClientConnection& connection, HttpClientConnection::Failure failure, const std::string& why) override;

  std::shared_ptr<const HttpOutgoing> write(HttpFetch& request) const;
  void pump();
  void assign(Exchange& exchange, std::shared_ptr<HttpClientConnection> connection);
  // Takes the exchange away, and its connection too unless that is ready for another one.
  std::unique_ptr<Exchange> take(std::uint64_t id);
  void finish(std::uint64_t id, FetchStatus status, HttpAnswer answer, const std::string& why);
  std::uint64_t exchange_of(HttpClientConnection& connection) const;
  void forget(HttpClientConnection& connection);

  Loop& loop_;
  const HttpOrigin server_;
  HttpClientCounters counters_;
  std::shared_ptr<HostLookup> lookup_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
  std::list<Exchange*> waiting_;
  // Each with its exchange, 0 for an idle one.
  std::unordered_map<HttpClientConnection*, std::uint64_t> connections_;
  std::vector<std::shared_ptr<HttpClientConnection>> idle_;  // the one used last at the end
};

}  // namespace dragoman::net
