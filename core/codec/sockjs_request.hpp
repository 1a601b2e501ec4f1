// SPDX-License-Identifier: Apache-2.0
// The parts of an HTTP request that SockJS gives a meaning of its own. Pure, any thread; views point into the
// arguments.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/sockjs_frame.hpp"

namespace dragoman::codec {

enum class SockjsTarget : std::uint8_t { not_found, greeting, iframe, info, raw_websocket, session };

struct SockjsPath {
  SockjsTarget target = SockjsTarget::not_found;
  // Of a session only. The session id is a secret: not for logs. Not percent-decoded.
  std::string_view server, session;
  SockjsTransport transport = SockjsTransport::websocket;
};

// `below_base` is what follows the base in the request target: empty, or beginning with '/'. A query is ignored.
SockjsPath parse_sockjs_path(std::string_view below_base);

// iframe.html, iframe-0.1.2.html and the like.
bool is_sockjs_iframe(std::string_view segment);

// The callback name in a query (without '?'), safe to be written into a script; or nothing, and `error` is the text for
// the body of the answer. The lengths of clients' names stay far below 32 octets, the limit for jsonp.
std::optional<std::string> sockjs_callback(std::string_view query, std::string_view& error, std::size_t longest = 32);

// The JSON text in the body of a jsonp_send, for parse_sockjs_payload. Empty if there is none, and for content types
// other than a form, text/plain and none at all.
std::string sockjs_jsonp_body(std::string_view content_type, std::string_view body);

// What to set as JSESSIONID: the client's own value from its Cookie header if that is one that can be echoed, at most
// 256 octets of RFC 6265 4.1.1, otherwise "dummy".
std::string_view sockjs_cookie(std::string_view cookie_header);

}  // namespace dragoman::codec
