// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_upgrade.hpp"

#include "codec/websocket_handshake.hpp"

namespace dragoman::net {

Upgrade judge_upgrade(const HttpRequest& request, bool deflate) {
  Upgrade u;
  const auto refuse = [&](int status, std::string text) {
    u.status = status;
    u.text = std::move(text);
    return u;
  };
  if (request.method != "GET") return refuse(400, "a WebSocket is opened with GET");
  if (request.version != 11) return refuse(400, "a WebSocket needs HTTP/1.1");
  if (!request.has_token("Upgrade", "websocket") || !request.has_token("Connection", "upgrade")) {
    u.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}};
    return refuse(426, "this address speaks WebSocket");
  }
  const std::string* version = request.find("Sec-WebSocket-Version");
  if (!version || *version != "13" || request.count("Sec-WebSocket-Version") != 1) {
    u.headers = {{"Sec-WebSocket-Version", "13"}};
    return refuse(400, "only version 13 of the WebSocket protocol is spoken here");
  }
  const std::string* key = request.find("Sec-WebSocket-Key");
  if (!key || request.count("Sec-WebSocket-Key") != 1 || !codec::valid_key(*key))
    return refuse(400, "Sec-WebSocket-Key is missing or broken");
  const std::string* length = request.find("Content-Length");
  if ((length && *length != "0") || request.find("Transfer-Encoding") || !request.body.empty())
    return refuse(400, "a WebSocket upgrade has no body");

  u.kind = Upgrade::Kind::accept;
  u.status = 101;
  u.response =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      codec::accept_key(*key) + "\r\n";
  if (deflate) {
    std::vector<std::string_view> offers;
    for (const auto& [name, value] : request.headers)
      if (equal_ignoring_case(name, "Sec-WebSocket-Extensions")) offers.push_back(value);
    if (const auto answer = codec::negotiate_deflate(offers)) {
      u.deflate_bits = answer->window_bits;
      u.response += "Sec-WebSocket-Extensions: " + answer->extension + "\r\n";
    }
  }
  u.response += "\r\n";
  return u;
}

}  // namespace dragoman::net
