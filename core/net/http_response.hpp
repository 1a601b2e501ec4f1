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
  bool head_only = false;  // the answer to HEAD: the length of the body without the body
};

// The reason phrase, or an empty text for a status nobody has named.
std::string_view reason_phrase(int status);
// Headers whose name or value holds CR, LF or NUL are left out: better a missing header than a forged one.
std::string serialize(const HttpResponse& response);

}  // namespace dragoman::net
