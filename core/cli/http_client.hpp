// SPDX-License-Identifier: Apache-2.0
// One request to the admin API of a running gateway, and its answer. Blocks.
#pragma once
#include <string>

namespace dragoman::cli {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

// url: "http://HOST:PORT" or "unix:/PATH"; target: path and query. Throws Failure when there is no answer within 30
// seconds.
HttpAnswer post_json(const std::string& url, const std::string& target, const std::string& token,
                     const std::string& body);

}  // namespace dragoman::cli
