// SPDX-License-Identifier: Apache-2.0
// One connection of an HTTP client, plain or TLS: it connects, then carries one request after the other. One thread:
// its loop's.
#pragma once
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/host_lookup.hpp"
#include "net/http_answer.hpp"
#include "net/loop.hpp"
#include "net/tls_client.hpp"

namespace dragoman::net {

// A server and how to speak to it. Times in milliseconds.
struct HttpOrigin {
  std::string host;  // a name or an IP address without brackets
  std::uint16_t port = 80;
  std::string authority;           // of the header Host
  std::shared_ptr<TlsClient> tls;  // null: plain
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t timeout_ms = 30'000;
  std::uint32_t idle_ms = 60'000;  // 0: connections are not kept
  std::size_t connections = 32, queue = 256;
  std::size_t max_body = 16 << 20;
};

// What is written; shared with the attempt after this one.
struct HttpOutgoing {
  std::string head, body;
  bool to_head = false;  // a HEAD
};

class HttpClientConnection : public std::enable_shared_from_this<HttpClientConnection> {
 public:
  enum class Failure {
    no_connection,  // nothing was sent
    closed_early,   // closed before a byte of the answer came
    broken,         // not an answer
    too_large,
    idle,  // of a connection without a request
  };
  // Each of these comes from the loop, never from inside a call to the connection.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void connected(HttpClientConnection& connection) = 0;
    // It is ready for another request unless it is closed.
    virtual void answered(HttpClientConnection& connection, HttpAnswer answer) = 0;
    // It is closed. why: a sentence for the log.
    virtual void failed(HttpClientConnection& connection, Failure failure, const std::string& why) = 0;
  };

  // Owner, server and loop outlive it, or its close().
  HttpClientConnection(Owner& owner, Loop& loop, const HttpOrigin& server, std::shared_ptr<HostLookup> lookup);
  ~HttpClientConnection();

  void connect();
  // After connected() or answered().
  void send(std::shared_ptr<const HttpOutgoing> request);
  // At once; the owner hears nothing more.
  void close();
  bool closed() const { return state_ == State::closed; }
  // It has carried a request before.
  bool used() const { return used_; }

 private:
  enum class State : std::uint8_t { connecting, idle, busy, closed };
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Loop::Executor>;

  void try_next();
  void handshake();
  void ready();
  void read();
  void read_done(boost::system::error_code error, std::size_t n);
  void judge(HttpAnswerParser::State state);
  void due();
  void fail(Failure failure, const std::string& why);
  std::string name() const;
  std::uint32_t rest_ms() const;

  Owner& owner_;
  Loop& loop_;
  const HttpOrigin& server_;
  std::shared_ptr<HostLookup> lookup_;
  std::shared_ptr<TlsClient> tls_;
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> secure_;
  base::Timer timer_;
  State state_ = State::connecting;
  bool used_ = false, sent_ = false, late_ = false;
  std::int64_t connect_until_ms_ = 0;  // monotonic
  std::vector<HostLookup::Endpoint> addresses_;
  std::size_t next_address_ = 0;
  std::string last_error_ = "it did not answer in time";
  std::shared_ptr<const HttpOutgoing> request_;
  std::optional<HttpAnswerParser> parser_;
  std::array<char, 16384> buffer_;
};

}  // namespace dragoman::net
