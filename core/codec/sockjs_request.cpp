// SPDX-License-Identifier: Apache-2.0
#include "codec/sockjs_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dragoman::codec {
namespace {

constexpr std::array<std::pair<std::string_view, SockjsTransport>, 8> transports{{
    {"websocket", SockjsTransport::websocket},
    {"xhr", SockjsTransport::xhr},
    {"xhr_streaming", SockjsTransport::xhr_streaming},
    {"xhr_send", SockjsTransport::xhr_send},
    {"eventsource", SockjsTransport::eventsource},
    {"htmlfile", SockjsTransport::htmlfile},
    {"jsonp", SockjsTransport::jsonp},
    {"jsonp_send", SockjsTransport::jsonp_send},
}};

bool digit_or(char c, char first, char last) {
  return (c >= '0' && c <= '9') || (c >= first && c <= last);
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// As the URL standard decodes forms: a '%' without two digits stays what it is.
std::string decode_form(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) << 4 | hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// The first field of that name, decoded.
std::optional<std::string> form_field(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view field = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    const std::size_t equals = std::min(field.find('='), field.size());
    if (decode_form(field.substr(0, equals)) == name)
      return decode_form(field.substr(std::min(equals + 1, field.size())));
  }
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

SockjsPath parse_sockjs_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path.empty() || path == "/") return {SockjsTarget::greeting};
  if (path.front() != '/') return {};
  path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t first = path.find('/');
  if (first == std::string_view::npos) {
    if (path == "info") return {SockjsTarget::info};
    if (path == "websocket") return {SockjsTarget::raw_websocket};
    if (is_sockjs_iframe(path)) return {SockjsTarget::iframe};
    return {};
  }
  const std::size_t second = path.find('/', first + 1);
  if (second == std::string_view::npos) return {};
  const std::string_view server = path.substr(0, first), session = path.substr(first + 1, second - first - 1),
                         name = path.substr(second + 1);
  if (server.empty() || session.empty() || path.substr(0, second).find('.') != std::string_view::npos) return {};
  const auto* known =
      std::find_if(transports.begin(), transports.end(), [&](const auto& t) { return t.first == name; });
  if (known == transports.end()) return {};
  return {SockjsTarget::session, server, session, known->second};
}

bool is_sockjs_iframe(std::string_view segment) {
  constexpr std::string_view begin = "iframe", end = ".html";
  return segment.size() >= begin.size() + end.size() && segment.starts_with(begin) && segment.ends_with(end) &&
         std::all_of(segment.begin(), segment.end(),
                     [](char c) { return digit_or(c, 'a', 'z') || c == '.' || c == '_' || c == '-'; });
}

std::optional<std::string> sockjs_callback(std::string_view query, std::string_view& error, std::size_t longest) {
  auto name = form_field(query, "c");
  if (!name) name = form_field(query, "callback");
  if (!name || name->empty()) {
    error = "\"callback\" parameter required";
    return std::nullopt;
  }
  const bool legal = name->size() <= longest && std::all_of(name->begin(), name->end(), [](char c) {
                       return digit_or(c, 'a', 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
                     });
  if (!legal) {
    error = "invalid \"callback\" parameter";
    return std::nullopt;
  }
  return name;
}

std::string sockjs_jsonp_body(std::string_view content_type, std::string_view body) {
  std::string type(trim(content_type.substr(0, content_type.find(';'))));
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  if (type == "application/x-www-form-urlencoded") return form_field(body, "d").value_or("");
  if (type.empty() || type == "text/plain") return std::string(body);
  return {};
}

std::string_view sockjs_cookie(std::string_view header) {
  constexpr std::string_view none = "dummy", name = "JSESSIONID";
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    const std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != name) continue;
    const std::string_view value = trim(pair.substr(equals + 1));
    const bool legal = !value.empty() && value.size() <= 256 && std::all_of(value.begin(), value.end(), [](char c) {
      return c > ' ' && c < '\x7f' && c != '"' && c != ',' && c != ';' && c != '\\';
    });
    return legal ? value : none;
  }
  return none;
}

}  // namespace dragoman::codec
