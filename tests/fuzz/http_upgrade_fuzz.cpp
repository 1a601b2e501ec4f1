// SPDX-License-Identifier: Apache-2.0
// A request from a socket to its client behind a proxy and the verdict on its upgrade.
#include <cstdlib>
#include <string>

#include "net/forwarded.hpp"
#include "net/http_request.hpp"
#include "net/http_response.hpp"
#include "net/websocket_upgrade.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman::net;
  if (size < 1) return 0;
  const std::size_t step = data[0] % 64 + 1;
  HttpRequestParser parser(HttpRequestLimits{2048, 512, 32});
  std::string input;
  for (std::size_t at = 1; at < size; at += step) {
    input.append(reinterpret_cast<const char*>(data) + at, std::min(step, size - at));
    for (;;) {
      const HttpParseResult result = parser.feed(input);
      if (result.consumed > input.size()) std::abort();
      input.erase(0, result.consumed);
      if (result.status == HttpParse::error) {
        if (result.http_status < 400 || result.http_status > 505 || reason_phrase(result.http_status).empty())
          std::abort();
        return 0;
      }
      if (result.status == HttpParse::need_more) break;
      const HttpRequest request = parser.take();
      if (request.body.size() > 512 || request.headers.size() > 32) std::abort();
      for (const char* header : {"X-Forwarded-For", "Forwarded"}) {
        static const AddressSet trusted({"10.0.0.0/8"});
        const std::string client = forwarded_client(request, header, trusted, "10.0.0.1:80");
        const auto endpoint = dragoman::base::IpEndpoint::parse(client);
        if (!endpoint || endpoint->text() != client) std::abort();
      }
      const Upgrade verdict = judge_upgrade(request, true);
      if (verdict.kind == Upgrade::Kind::accept && (!request.body.empty() || request.method != "GET" ||
                                                    verdict.response.find("\r\n\r\n") + 4 != verdict.response.size()))
        std::abort();
    }
  }
  return 0;
}
