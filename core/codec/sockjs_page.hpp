// SPDX-License-Identifier: Apache-2.0
// The bodies of the SockJS answers that belong to no session. Pure, any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace dragoman::codec {

inline constexpr std::string_view sockjs_greeting = "Welcome to SockJS!\n";

// An address that may stand in the iframe page: absolute path or http(s) URL, at most 2048 octets of visible ASCII
// without quotes and angle brackets. It comes from the configuration only, never from a request.
bool valid_sockjs_script_url(std::string_view url);
// The iframe page; `script_url` is valid.
std::string sockjs_iframe_page(std::string_view script_url);
// A strong entity tag for a body, quotes included.
std::string sockjs_etag(std::string_view body);

// The info document. `entropy` is fresh and unpredictable for each answer.
std::string sockjs_info(bool websocket, bool cookie_needed, std::uint32_t entropy);

}  // namespace dragoman::codec
