// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a connection, and which of them are trusted to speak for others.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "net/stream.hpp"

namespace dragoman::net {

struct Peer {
  std::string name;       // see peer_name()
  bool forwards = false;  // a trusted proxy: its requests may name the clients they come from
};

// "192.0.2.1:50000", "[2001:db8::1]:50000" or "unix"; port 0: not known. Empty: the peer has left already.
std::string peer_name(const Stream::Socket& socket);
// What stands for a client where clients are counted: an IPv4 address, the /64 network of an IPv6 address, as one
// client has all of it, or "unix".
std::string address_key(std::string_view peer_name);

class AddressSet {
 public:
  AddressSet() = default;
  // Addresses, networks and "unix". Throws std::invalid_argument for anything else.
  explicit AddressSet(const std::vector<std::string>& entries);
  bool contains(const base::IpAddress& address) const;
  bool contains(std::string_view peer_name) const;

 private:
  std::vector<base::IpNetwork> networks_;
  bool unix_ = false;
};

}  // namespace dragoman::net
