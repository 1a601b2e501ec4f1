// SPDX-License-Identifier: Apache-2.0
// The wait for the header of the PROXY protocol on a fresh connection. Takes the header from the socket and nothing
// behind it, so that TLS or HTTP finds its beginning. One thread: its loop's.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "codec/proxy_protocol.hpp"
#include "net/loop.hpp"
#include "net/stream.hpp"

namespace dragoman::net {

class ProxyGreeting : public std::enable_shared_from_this<ProxyGreeting> {
 public:
  enum class End { complete, refused, left };  // refused: it is wrong or late; left: the peer closed the connection
  using Done = std::function<void(End)>;

  ProxyGreeting(Loop& loop, Stream::Socket socket);
  // done: called once, from the loop, unless close() comes before.
  void start(std::uint32_t timeout_ms, Done done);
  void close();
  // After complete.
  const codec::ProxyHeader& header() const { return parser_.header(); }
  Stream::Socket take_socket() { return std::move(socket_); }

 private:
  void wait();
  void read();
  void finish(End end);

  Loop& loop_;
  Stream::Socket socket_;
  Done done_;
  base::Timer timer_;
  codec::ProxyHeaderParser parser_;
};

}  // namespace dragoman::net
