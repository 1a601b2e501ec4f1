// SPDX-License-Identifier: Apache-2.0
// The PROXY protocol, versions 1 and 2: how a proxy says, before anything else on a connection, whose connection it
// hands on. No I/O; one thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"

namespace dragoman::codec {

struct ProxyHeader {
  enum class Client {
    address,
    local_socket,
    proxy,   // the proxy itself, such as for a health check (LOCAL)
    unknown  // somebody whose address the proxy cannot tell
  };
  Client client = Client::unknown;
  base::IpEndpoint source;  // of an address
};

class ProxyHeaderParser {
 public:
  static constexpr std::size_t v1_bytes = 107;   // at most, with CR LF
  static constexpr std::size_t v2_bytes = 4096;  // at most, behind the fixed 16

  enum class Status { need_more, complete, error };
  struct Result {
    Status status;
    std::size_t consumed;  // of the bytes given; with need_more all of them, with complete up to the header's end
  };
  // Bytes that follow those consumed before. Not called again after complete or error.
  Result feed(std::string_view bytes);
  const ProxyHeader& header() const { return header_; }

 private:
  Result feed_v1(std::string_view bytes);
  Result feed_v2(std::string_view bytes);
  bool read_line(std::string_view line);
  bool read_fixed();
  void read_addresses();

  std::string head_;        // v1: the line so far; v2: the fixed part and the addresses, not what follows them
  std::size_t seen_ = 0;    // v2: bytes consumed
  std::size_t length_ = 0;  // v2: of the whole header, once known
  ProxyHeader header_;
};

}  // namespace dragoman::codec
