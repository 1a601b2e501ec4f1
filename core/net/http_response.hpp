// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 answer with a body that is there in whole.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::net {

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  // without Content-Length and Connection, which serialize() adds
  std::string body;
  bool keep_alive = true;
  bool head_only = false;    // the answer to HEAD: the length of the body without the body
  bool chunked = false;      // the body follows in chunks (RFC 9112 7.1)
  bool until_close = false;  // the body follows and ends with the connection: for HTTP/1.0
};

// The reason phrase, or an empty text for a status nobody has named.
std::string_view reason_phrase(int status);
// The head and, unless the body comes in chunks, the body. Headers whose name or value holds CR, LF or NUL are left
// out: better a missing header than a forged one.
std::string serialize(const HttpResponse& response);
// Data that is not empty, as one chunk.
void append_chunk(std::string& out, std::string_view data);
constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace dragoman::net
