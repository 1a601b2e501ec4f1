// SPDX-License-Identifier: Apache-2.0
#include "net/peer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

namespace dragoman::net {

std::string peer_name(const Stream::Socket& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(const_cast<Stream::Socket&>(socket).native_handle(), reinterpret_cast<sockaddr*>(&address),
                    &size) != 0)
    return {};
  base::IpEndpoint endpoint;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    endpoint = {base::IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr)), ntohs(v4.sin_port)};
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::copy_n(v6.sin6_addr.s6_addr, 16, endpoint.address.bytes.begin());
    endpoint.port = ntohs(v6.sin6_port);
  } else {
    return "unix";
  }
  return endpoint.text();
}

std::string address_key(std::string_view peer_name) {
  const auto endpoint = base::IpEndpoint::parse(peer_name);
  if (!endpoint) return std::string(peer_name);
  base::IpAddress address = endpoint->address;
  if (address.is_v4()) return address.text();
  std::fill(address.bytes.begin() + 8, address.bytes.end(), std::uint8_t{0});
  return address.text() + "/64";
}

AddressSet::AddressSet(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    if (entry == "unix") {
      unix_ = true;
      continue;
    }
    const auto network = base::IpNetwork::parse(entry);
    if (!network) throw std::invalid_argument("\"" + entry + "\" is neither an IP address nor a network");
    networks_.push_back(*network);
  }
}

bool AddressSet::contains(const base::IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const auto& network) { return network.contains(address); });
}

bool AddressSet::contains(std::string_view peer_name) const {
  if (peer_name == "unix") return unix_;
  const auto endpoint = base::IpEndpoint::parse(peer_name);
  return endpoint && contains(endpoint->address);
}

}  // namespace dragoman::net
