// SPDX-License-Identifier: Apache-2.0
// The listening socket of one shard. TCP: each shard has its own, with SO_REUSEPORT, and the kernel spreads
// connections. Unix, and what systemd has opened: all shards wait on one socket.
#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <functional>
#include <string>

#include "net/loop.hpp"
#include "net/stream.hpp"

namespace dragoman::net {

// A bound and listening descriptor, not yet part of a loop. Owns it; for a Unix socket also the path.
class ListenSocket {
 public:
  ListenSocket() = default;
  // address: "0.0.0.0:9502", "[::1]:9502", "unix:/run/x.sock", "systemd:NAME" (see activation.hpp). port: overrides a
  // port of 0 (for the second shard on). first: checks that nobody else has the address, which SO_REUSEPORT would hide.
  // Throws std::runtime_error with a sentence.
  static ListenSocket open(const std::string& address, int backlog, unsigned unix_mode, unsigned port, bool first);
  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&& other) noexcept;
  ~ListenSocket();
  // Another descriptor of the same socket; does not own a Unix path.
  ListenSocket duplicate() const;
  int release();
  unsigned port() const { return port_; }  // 0 for a Unix socket
  int family() const { return family_; }
  bool is_unix() const { return family_ == 1; }

 private:
  void find_bound();
  int fd_ = -1;
  int family_ = 0;
  unsigned port_ = 0;
  std::string path_;
};

class Acceptor {
 public:
  using Accepted = std::function<void(Stream::Socket)>;
  Acceptor(Loop& loop, ListenSocket socket, std::string name, Accepted accepted);
  void start();
  void stop();
  void set_backlog(int backlog);
  void set_name(std::string name) { name_ = std::move(name); }  // for the log

 private:
  void accept();
  Loop& loop_;
  ListenSocket path_owner_;
  std::string name_;
  boost::asio::basic_socket_acceptor<Stream::Protocol, Loop::Executor> acceptor_;
  Accepted accepted_;
  base::Timer retry_;
};

}  // namespace dragoman::net
