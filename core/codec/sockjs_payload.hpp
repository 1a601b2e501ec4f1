// SPDX-License-Identifier: Apache-2.0
// SockJS from the client to the server: JSON text in, messages out. Pure, any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::codec {

enum class SockjsPayload : std::uint8_t {
  ok,        // the messages are in `out`, possibly none
  empty,     // "Payload expected."
  broken,    // "Broken JSON encoding."
  too_many,  // more messages than the limit
};

enum class SockjsMode : std::uint8_t {
  http,      // an array of strings; no text or other JSON is `empty`
  websocket  // an array of strings or one bare string; no text means nothing, other JSON is `broken`
};

struct SockjsLimits {
  std::size_t messages = 1000;  // in one payload
  std::size_t depth = 32;       // of JSON nesting, as far as it is looked at
};

// Replaces `out`, which is empty unless the result is ok. The messages are valid UTF-8: an escape of a lone surrogate
// becomes U+FFFD, octets that are not UTF-8 make the payload broken. An array element that is not a string makes the
// whole payload broken: any text chosen for it would be a guess. The caller limits the size of `body`.
SockjsPayload parse_sockjs_payload(std::string_view body, SockjsMode mode, SockjsLimits limits,
                                   std::vector<std::string>& out);

// The text for the body of an error answer; empty for ok.
std::string_view sockjs_payload_error(SockjsPayload result);

}  // namespace dragoman::codec
