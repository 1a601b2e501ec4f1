// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.1 connection: requests in, one at a time, answers out; or an upgrade that takes the stream away. One
// thread: its loop's.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http_request.hpp"
#include "net/http_response.hpp"
#include "net/loop.hpp"
#include "net/peer.hpp"
#include "net/stream.hpp"

namespace dragoman::net {

// Sizes in bytes, times in milliseconds.
struct HttpLimits {
  std::size_t header_bytes = 16384;
  std::size_t body_bytes = 0;
  std::uint32_t handshake_timeout_ms = 10000;  // from accept, or from the first byte of a later request, to its end
  std::uint32_t idle_timeout_ms = 60000;       // between requests, and for a client that does not read its answer
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  // Outlives its connections.
  class Host {
   public:
    virtual ~Host() = default;
    // Exactly one respond(), begin() or upgrade() follows, now or later, on the loop's thread.
    virtual void on_request(const std::shared_ptr<HttpConnection>& connection, HttpRequest& request) = 0;
    // False: a request with a body that is too large goes to on_request() nevertheless, without it, to be refused there
    // for what it is.
    virtual bool takes_body(const HttpRequest&) { return true; }
    // After part() answered false: what was queued has been written.
    virtual void on_writable(HttpConnection&) {}
    virtual void on_closed(HttpConnection& connection) = 0;
  };

  HttpConnection(Loop& loop, Stream stream, Peer peer, const HttpLimits& limits, Host& host);
  // One that another loop has taken over together with a request that waits for its answer: see hand_over(). Then
  // answer_adopted() instead of start().
  struct Taken;
  HttpConnection(Loop& loop, Taken taken, const HttpLimits& limits, Host& host);
  ~HttpConnection();

  void start();
  // After close() nothing happens.
  void respond(HttpResponse response);
  // An answer whose body comes in parts; no body is sent if it is the answer to HEAD.
  void begin(HttpResponse head);
  // False: wait for on_writable() before the next part.
  bool part(std::string_view data);
  void end();
  // Hands the stream over with the bytes that came after the request; the connection is closed for its host.
  Stream upgrade(std::string& leftover);
  // Instead of an answer: everything another loop needs to give it. The connection is closed for its host.
  Taken hand_over(Loop& to, HttpRequest request);
  // Hands the request that came with the connection to the host.
  void answer_adopted(HttpRequest request);
  // While an answer is on its way: notices when the client leaves. What it sends meanwhile is kept for later.
  void watch();
  // Looks at the socket now: true when the client has closed its side.
  bool gone();
  // No further request: closes at once unless one is being answered, which is finished.
  void drain();
  void close();

  // The client of the latest request: the peer, unless set_client() says otherwise for this request.
  const std::string& peer() const { return client_.empty() ? peer_.name : client_; }
  bool peer_forwards() const { return peer_.forwards; }
  void set_client(std::string name) { client_ = std::move(name); }
  bool encrypted() const { return encrypted_; }

 private:
  void wait_input();
  void read();
  // False when the client is gone.
  bool read_ahead();
  void parse();
  void answer(HttpRequest request);
  void send_continue();
  void refuse(int status, std::string_view text);
  void write();
  bool write_some();
  void linger();
  void on_timer();

  Loop& loop_;
  std::optional<Stream> stream_;
  const Peer peer_;
  std::string client_;
  const bool encrypted_;
  const HttpLimits& limits_;
  Host& host_;
  base::Timer timer_;
  HttpRequestParser parser_;
  std::string input_, output_;
  std::size_t written_ = 0;
  enum class Phase { request, answering, streaming, writing, lingering, closed } phase_ = Phase::request;
  bool keep_alive_ = true;
  unsigned version_ = 11;  // of the latest request
  bool head_ = false;      // it is HEAD: no body may be sent, by whomever it is answered
  enum class Body { none, chunked, until_close } body_ = Body::none;
  bool pressure_ = false;
  bool waiting_write_ = false;
  bool waiting_ = false;
  bool watching_ = false;
};

struct HttpConnection::Taken {
  Stream stream;
  Peer peer;
  std::string input;
  HttpRequest request;
  bool keep_alive;
};

}  // namespace dragoman::net
