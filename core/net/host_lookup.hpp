// SPDX-License-Identifier: Apache-2.0
// The addresses of one server, looked up on a thread of its own and kept for a short time. One loop.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.hpp"

namespace dragoman::net {

class HostLookup : public std::enable_shared_from_this<HostLookup> {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;
  // Without addresses: why there are none.
  using Done = std::function<void(const std::vector<Endpoint>& addresses, const std::string& why)>;

  // host: a name or an IP address without brackets. The loop outlives it.
  HostLookup(Loop& loop, std::string host, std::uint16_t port);
  ~HostLookup();
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

  // done comes later, on the loop.
  void find(Done done);
  // This address answered: it is given first from now on.
  void prefer(const Endpoint& address) { preferred_ = address; }
  // None of the addresses answered: the next find() looks again.
  void forget() { kept_until_ms_ = 0; }
  // What is still looked up is never answered. Before the loop ends: others may hold on to this until then.
  void stop();

 private:
  struct Return;
  void found(std::vector<Endpoint> addresses, const std::string& why);

  Loop& loop_;
  std::string host_;
  std::uint16_t port_;
  bool is_address_ = false;
  std::shared_ptr<Return> return_;
  std::vector<Endpoint> addresses_;
  Endpoint preferred_;
  std::int64_t kept_until_ms_ = 0;  // monotonic
  std::vector<Done> waiting_;
};

}  // namespace dragoman::net
