// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 answers from bytes, strictly (RFC 9112): what two readers could cut apart at different places is refused.
// Boost.Beast parses, no I/O here.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_fields.hpp"

namespace dragoman::net {

struct HttpAnswer {
  unsigned status = 0;  // from 200 to 599
  HttpFields headers;   // without those of the connection; trailers are left out
  std::string body;     // as encoded by the server
};

// One answer. Interim ones (1xx) before it are skipped.
class HttpAnswerParser {
 public:
  enum class State { need_more, complete, broken, too_large };

  // body_bytes: bound of the body; to_head: the request was a HEAD, so no body follows whatever the header says.
  HttpAnswerParser(std::size_t body_bytes, bool to_head);
  ~HttpAnswerParser();
  HttpAnswerParser(const HttpAnswerParser&) = delete;
  HttpAnswerParser& operator=(const HttpAnswerParser&) = delete;

  // After need_more only.
  State feed(std::string_view bytes);
  // The server has closed in order.
  State end();
  // A byte of an answer has come.
  bool started() const;
  // After complete: another request may follow on the connection. No after bytes that nobody asked for.
  bool reusable() const;
  // After broken: half a sentence, such as "it has more than one Content-Length".
  std::string_view why() const;
  // After complete.
  HttpAnswer take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dragoman::net
