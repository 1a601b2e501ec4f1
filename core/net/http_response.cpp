// SPDX-License-Identifier: Apache-2.0
#include "net/http_response.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <cstdio>
#include <iterator>

namespace dragoman::net {

std::string_view reason_phrase(int status) {
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == boost::beast::http::status::unknown) return {};
  const auto text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

namespace {

bool splits_header(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

std::string serialize(const HttpResponse& response) {
  std::string out;
  out.reserve(256 + response.body.size());
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  for (const auto& [name, value] : response.headers) {
    if (name.empty() || splits_header(name) || splits_header(value)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
  // The length that GET would have is not known here.
  const bool unknown_length = response.head_only && response.body.empty();
  if (response.chunked)
    out += "Transfer-Encoding: chunked\r\n";
  else if (!bodiless && !response.until_close && !unknown_length)
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  if (!response.keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
  if (!bodiless && !response.head_only) out += response.body;
  return out;
}

void append_chunk(std::string& out, std::string_view data) {
  char size[20];
  out.append(size, static_cast<std::size_t>(std::snprintf(size, sizeof size, "%zx\r\n", data.size())));
  out.append(data).append("\r\n");
}

}  // namespace dragoman::net
