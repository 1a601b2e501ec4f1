// SPDX-License-Identifier: Apache-2.0
// SockJS from the server to the client: frames, and how each transport wraps them. Every function is pure and may be
// called from any thread; nothing here fails, text that is not UTF-8 is mended with U+FFFD.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dragoman::codec {

enum class SockjsTransport : std::uint8_t {
  websocket,
  xhr,
  xhr_streaming,
  xhr_send,
  eventsource,
  htmlfile,
  jsonp,
  jsonp_send
};

inline constexpr std::string_view sockjs_open = "o";
inline constexpr std::string_view sockjs_heartbeat = "h";

// Appends `utf8` as a JSON string literal, quotes included. What JSON demands is escaped, and on top of it the
// characters that browsers are known to lose: U+200C-200F, 2028-202F, 2060-206F, FFF0-FFFF and all above FFFF.
void append_sockjs_string(std::string& out, std::string_view utf8);

// Appends one message frame, a["one","two"]. Each literal comes from append_sockjs_string, so that one literal can be
// shared by the frames of many sessions.
void append_sockjs_messages(std::string& out, std::span<const std::string_view> literals);

// c[3000,"Go away!"]
std::string sockjs_close(std::uint16_t code, std::string_view reason);

// What a transport sends before its first frame; empty for most. `callback` is a result of sockjs_callback and matters
// to htmlfile only.
std::string sockjs_prelude(SockjsTransport transport, std::string_view callback = {});

// Appends a frame in the form of a transport: one call is one write (and one chunk). The frame must be made by the
// functions above. `callback` is a result of sockjs_callback and matters to jsonp only. The websocket form is the bare
// frame; the sending transports never carry one.
void append_sockjs_envelope(std::string& out, SockjsTransport transport, std::string_view frame,
                            std::string_view callback = {});

}  // namespace dragoman::codec
