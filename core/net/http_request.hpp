// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 requests from bytes, strictly (RFC 9112): what proxies could read in two ways is refused. Boost.Beast
// parses, no I/O here.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::net {

struct HttpRequest {
  std::string method, target;
  std::string path, query;                                   // of the target, still percent-encoded; query without '?'
  unsigned version = 11;                                     // 10 or 11
  std::vector<std::pair<std::string, std::string>> headers;  // names as sent, values without surrounding blanks
  std::string body;
  bool keep_alive = true;

  // The first header of that name in any case, or null.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // All values of a header that is a list: true if one element equals `token` in any case.
  bool has_token(std::string_view name, std::string_view token) const;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);
// True for a head, up to its last CR LF, that different readers cut apart differently: bare line feeds, folded lines,
// blanks before a colon (RFC 9112 2.2, 5.1, 5.2).
bool ambiguous_head(std::string_view head);

struct HttpRequestLimits {
  std::size_t header_bytes = 16384;
  std::size_t body_bytes = 0;
  std::size_t header_count = 256;
};

enum class HttpParse { need_more, complete, error };

struct HttpParseResult {
  HttpParse status = HttpParse::need_more;
  std::size_t consumed = 0;
  int http_status = 0;  // of the refusal
  std::string_view text;
  bool send_continue = false;  // with need_more: the client waits for 100 before it sends the body (RFC 9110 10.1.1)
};

class HttpRequestParser {
 public:
  explicit HttpRequestParser(const HttpRequestLimits& limits);
  ~HttpRequestParser();
  HttpRequestParser(HttpRequestParser&&) noexcept;

  // Unconsumed bytes are given again with more behind them. Bytes behind a complete request are left.
  HttpParseResult feed(std::string_view bytes);
  // The request, after `complete`; the parser is ready for the next one. Also what was read of one that is refused
  // with 413: all of its head.
  HttpRequest take();
  // No byte of a request has been taken.
  bool idle() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dragoman::net
