// SPDX-License-Identifier: Apache-2.0
#include "proxy.hpp"

#include "header_rules.hpp"

namespace lavaboom {

namespace sdk = dragoman::sdk;

void pass_to_upstream(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings) {
  const auto refuse = [call](unsigned status, std::string_view text) {
    call.respond(status, std::string(text) + "\n", {{"Content-Type", "text/plain; charset=utf-8"}});
  };
  sdk::Fetch fetch;
  fetch.upstream = settings.upstream;
  fetch.method = request.head() ? "HEAD" : std::string(request.method());
  fetch.path = request.path();
  if (!request.query().empty()) fetch.path.append("?").append(request.query());
  const auto given = request.headers();
  const std::set<std::string> listed = listed_by_connection(given);
  for (const auto& [name, value] : given)
    if (may_forward(name) && !listed.contains(canonical_name(name))) fetch.headers.emplace_back(name, value);
  fetch.headers.emplace_back("X-Forwarded-For", client_address(request.peer()));
  fetch.body = request.body();
  fetch.timeout_ms = static_cast<std::uint32_t>(settings.request_timeout.count());
  const dgm_status status =
      sdk::Upstreams(call.host())
          .fetch(call.id(), fetch,
                 [call, refuse, most = settings.max_response_body](dgm_status result, const sdk::Fetched* answer,
                                                                   std::string_view) {
                   if (result == DGM_E_CANCELED) return;
                   if (!answer || answer->body().size() > most)
                     return refuse(result == DGM_E_TIMEOUT ? 504 : 502, "the server behind cannot answer");
                   call.respond(answer->status(), answer->body(), answer->headers());
                 });
  if (status == DGM_E_DROPPED)
    refuse(503, "too many requests are waiting");
  else if (status < 0)
    refuse(400, "the request is not allowed");
}

}  // namespace lavaboom
