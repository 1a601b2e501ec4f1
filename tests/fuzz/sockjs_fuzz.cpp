// SPDX-License-Identifier: Apache-2.0
// Everything a SockJS client can send, and the way back: what is taken is safe to send on, and what is sent decodes to
// what was meant.
#include <cstdint>
#include <cstdlib>

#include "codec/sockjs_payload.hpp"
#include "codec/sockjs_request.hpp"
#include "codec/utf8.hpp"

namespace {

using namespace dragoman::codec;

constexpr SockjsLimits limits{64, 16};

void check(bool good) {
  if (!good) std::abort();
}

std::vector<std::string> payload(std::string_view body, SockjsMode mode) {
  std::vector<std::string> out;
  const SockjsPayload result = parse_sockjs_payload(body, mode, limits, out);
  check(out.size() <= limits.messages && (result == SockjsPayload::ok || out.empty()));
  for (const auto& m : out) check(valid_utf8(m));
  return out;
}

void check_envelopes(const std::string& frame, std::string_view callback) {
  std::string out;
  append_sockjs_envelope(out, SockjsTransport::htmlfile, frame);
  check(out.find('<', 1) == out.size() - 11);
  out.clear();
  append_sockjs_envelope(out, SockjsTransport::jsonp, frame, callback);
  const std::size_t begin = 4 + callback.size() + 1;
  const auto inner = payload("[" + out.substr(begin, out.size() - 4 - begin) + "]", SockjsMode::http);
  check(inner.size() == 1 && inner[0] == frame);
  out.clear();
  append_sockjs_envelope(out, SockjsTransport::eventsource, frame);
  check(out.find_first_of("\r\n") == out.size() - 4);
}

// The frame of these messages must decode to them.
void check_frame(const std::vector<std::string>& messages, std::string_view callback) {
  std::vector<std::string> literals(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) append_sockjs_string(literals[i], messages[i]);
  const std::vector<std::string_view> views(literals.begin(), literals.end());
  std::string frame;
  append_sockjs_messages(frame, views);
  check(frame.front() == 'a' && valid_utf8(frame));
  check(payload(std::string_view(frame).substr(1), SockjsMode::http) == messages);
  check_envelopes(frame, callback);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string_view error;
  const auto name = sockjs_callback(text, error);
  check(name.has_value() == error.empty() && (!name || (!name->empty() && name->size() <= 32)));
  const std::string callback = name.value_or("c");

  check_frame(payload(text, SockjsMode::http), callback);
  check_frame(payload(text, SockjsMode::websocket), callback);
  payload(sockjs_jsonp_body("application/x-www-form-urlencoded", text), SockjsMode::http);
  payload(sockjs_jsonp_body("application/x-www-form-urlencoded", "d=" + text), SockjsMode::http);
  payload(sockjs_jsonp_body(text, "[]"), SockjsMode::http);

  std::string literal;
  append_sockjs_string(literal, text);
  const auto mended = payload("[" + literal + "]", SockjsMode::http);
  check(mended.size() == 1 && (!valid_utf8(text) || mended[0] == text));

  const SockjsPath path = parse_sockjs_path(text);
  if (path.target == SockjsTarget::session)
    for (const auto part : {path.server, path.session}) check(!part.empty() && part.find_first_of("/.?") == part.npos);
  for (const char c : sockjs_cookie(text)) check(c > ' ' && c < '\x7f' && c != ';');
  return 0;
}
