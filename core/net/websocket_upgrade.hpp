// SPDX-License-Identifier: Apache-2.0
// Whether a request opens a WebSocket, and what to answer (RFC 6455 4.2; wazo digest section 2 for the statuses).
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "net/http_request.hpp"

namespace dragoman::net {

struct Upgrade {
  enum class Kind { accept, refuse } kind = Kind::refuse;
  int status = 400;
  std::string text;  // of the refusal
  std::vector<std::pair<std::string, std::string>> headers;
  std::string response;           // the whole 101 answer
  std::uint8_t deflate_bits = 0;  // of our window (codec::DeflateAnswer); 0: without permessage-deflate
};

// deflate: permessage-deflate may be negotiated. Subprotocols are not answered.
Upgrade judge_upgrade(const HttpRequest& request, bool deflate);

}  // namespace dragoman::net
