// SPDX-License-Identifier: Apache-2.0
#include "api.hpp"

#include <initializer_list>
#include <utility>

#include "api_path.hpp"
#include "common/clock.hpp"
#include "common/json_string.hpp"
#include "common/rfc3339.hpp"
#include "common/utf8.hpp"

namespace kazoo {
namespace {

using dialects::quote;
using Verdict = AccountAccess::Verdict;

std::string bindings_json(const BindingOptions& options) {
  std::string out = "{";
  for (const ListedModule& module : list_bindings(options))
    out.append(out.size() > 1 ? "," : "").append(quote(module.name)).append(":").append(string_array(module.bindings));
  return out + "}";
}

// For scripts of every origin: what is answered depends on a token that a browser does not send by itself.
using Headers = sdk::HttpCall::Headers;
constexpr std::pair<std::string_view, std::string_view> allow_origin{"Access-Control-Allow-Origin", "*"};

}  // namespace

void ApiRequest::declare_routes(const sdk::Host& host) {
  for (const char* path : {"/websockets", "/accounts/{}/websockets", "/accounts/{}/websockets/{}"})
    host.route("*", path);
  host.rest_route("/{*}");
}

void ApiRequest::open(sdk::HttpCall call, const Shard& shard, const sdk::HttpRequest& request) {
  shard_ = &shard;
  if (request.method() == "OPTIONS") {
    call.respond(200, {},
                 {allow_origin,
                  {"Access-Control-Allow-Methods", "GET, OPTIONS"},
                  {"Access-Control-Allow-Headers", "content-type, accept, authorization, x-auth-token"},
                  {"Access-Control-Max-Age", "86400"}});
    return;
  }
  token_ = request_token(request);
  const auto path = parse_api_path(request.path());
  if (!path) return fail(call, 404, "not found");
  if (request.method() != "GET") return fail(call, 405, "method not allowed");
  if (path->account.empty()) return succeed(call, bindings_json(shard.settings.bindings));
  account_ = path->account;
  socket_ = path->socket;
  if (token_.empty()) return fail(call, 401, "invalid credentials");
  shard.access.authenticate(call.id(), token_, [this, call](Verdict known, const std::string& own) {
    if (known == Verdict::no) return fail(call, 401, "invalid credentials");
    if (known == Verdict::unavailable) return fail(call, 503, "service unavailable");
    own_ = own;
    const AccountAccess::Question question{token_, own_, account_, false};
    shard_->access.authorize(call.id(), question, [this, call](Verdict allowed, const std::string&) {
      if (allowed == Verdict::no || account_ == "*") return fail(call, 403, "forbidden");
      if (allowed == Verdict::unavailable) return fail(call, 503, "service unavailable");
      if (socket_.empty())
        list_sockets(call);
      else
        show_socket(call);
    });
  });
}

// Those of the account, and of the one who asks (digest section 8).
void ApiRequest::list_sockets(sdk::HttpCall call) {
  add_group(call, account_, {}, true, own_ == account_);
}

void ApiRequest::add_group(sdk::HttpCall call, const std::string& group, std::string found, bool complete, bool last) {
  const dgm_status status =
      shard_->registry.list(call.id(), group,
                            [this, call, found = std::move(found), complete, last](
                                dgm_status result, std::span<const dgm_registered> sockets, bool all) mutable {
                              if (result == DGM_E_CANCELED) return;
                              if (result != DGM_OK) return fail(call, 503, "service unavailable");
                              for (const dgm_registered& socket : sockets)
                                found.append(found.empty() ? "" : ",").append(sdk::Registered(socket).data());
                              if (last) return succeed(call, "[" + found + "]", complete && all);
                              add_group(call, own_, std::move(found), complete && all, true);
                            });
  if (status < 0 && status != DGM_E_GONE) fail(call, 503, "service unavailable");
}

void ApiRequest::show_socket(sdk::HttpCall call) {
  const dgm_status status = shard_->registry.find(
      call.id(), socket_, [this, call](dgm_status result, std::span<const dgm_registered> sockets, bool complete) {
        if (result == DGM_E_CANCELED) return;
        if (result != DGM_OK) return fail(call, 503, "service unavailable");
        for (const dgm_registered& found : sockets) {
          const sdk::Registered socket(found);
          if (socket.group() == account_ || socket.group() == own_) return succeed(call, socket.data(), complete);
        }
        if (!complete) return fail(call, 503, "service unavailable");
        fail(call, 404, "bad identifier", socket_);
      });
  if (status < 0 && status != DGM_E_GONE) fail(call, 503, "service unavailable");
}

void ApiRequest::answer(sdk::HttpCall call, unsigned status, std::string_view members) const {
  std::string body = "{";
  body.append(members);
  body += R"(,"node":)" + quote(shard_->settings.node) + R"(,"request_id":)" + quote(make_request_id()) +
          R"(,"status":)" + quote(status == 200 ? "success" : "error") + R"(,"timestamp":)" +
          quote(dialects::format_rfc3339(dialects::unix_ms() / 1000 * 1000, dialects::Fraction::unless_zero)) +
          R"(,"version":)" + quote(shard_->settings.version);
  if (!token_.empty() && dialects::valid_utf8(token_)) body += R"(,"auth_token":)" + quote(token_);
  body += "}";
  std::vector<std::pair<std::string_view, std::string_view>> headers{
      {"Content-Type", "application/json"}, allow_origin, {"Cache-Control", "no-store"}};
  if (status == 405) headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
  call.respond(status, body, headers);
}

void ApiRequest::succeed(sdk::HttpCall call, std::string_view data, bool complete) const {
  answer(call, 200, R"("data":)" + std::string(data) + (complete ? "" : R"(,"complete":false)"));
}

void ApiRequest::fail(sdk::HttpCall call, unsigned status, std::string_view text, std::string_view cause) const {
  std::string members = R"("data":{"message":)" + quote(text);
  if (!cause.empty()) members += R"(,"cause":)" + quote(cause);
  members += R"(},"error":)" + quote(std::to_string(status)) + R"(,"message":)" + quote(error_name(text));
  answer(call, status, members);
}

}  // namespace kazoo
