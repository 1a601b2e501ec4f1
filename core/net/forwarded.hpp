// SPDX-License-Identifier: Apache-2.0
// What proxies say in a header of the clients they ask for.
#pragma once
#include <string>
#include <string_view>

#include "net/http_request.hpp"
#include "net/peer.hpp"

namespace dragoman::net {

// The name, as of peer_name(), of the client of a request that came from the trusted proxy `peer`. header: "Forwarded"
// (RFC 7239), or one that is a list of addresses such as "X-Forwarded-For". The list is read from its end, where each
// proxy adds the address of its own peer, up to the first that is not trusted or not readable: what stands before that
// may be anybody's invention.
std::string forwarded_client(const HttpRequest& request, std::string_view header, const AddressSet& trusted,
                             std::string_view peer);

}  // namespace dragoman::net
