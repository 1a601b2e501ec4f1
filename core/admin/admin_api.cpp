// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_api.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <memory>

#include "admin/demo_page.hpp"
#include "admin/token_request.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/rfc3339.hpp"
#include "event/json_string.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::admin {
namespace json = boost::json;

namespace {

net::HttpResponse json_response(int status, std::string body) {
  net::HttpResponse response;
  response.status = status;
  response.headers.reserve(3);
  response.headers.emplace_back("Content-Type", "application/json");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(body);
  response.body += '\n';
  return response;
}

net::HttpResponse error_response(int status, std::string_view sentence) {
  return json_response(status,
                       json::serialize(json::object{{"error", json::string_view(sentence.data(), sentence.size())}}));
}

net::HttpResponse busy_response(std::string_view sentence) {
  net::HttpResponse response = error_response(503, sentence);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

net::HttpResponse unauthorized(bool token_given) {
  net::HttpResponse response =
      error_response(401, token_given ? "this is not the admin token"
                                      : "the admin token is missing: send the header \"Authorization: Bearer TOKEN\"");
  // RFC 6750 section 3: no error code when the request carried no credential at all.
  response.headers.emplace_back("WWW-Authenticate", token_given ? "Bearer realm=\"dragoman\", error=\"invalid_token\""
                                                                : "Bearer realm=\"dragoman\"");
  return response;
}

// The value of ?bus=NAME; the only parameter there is.
std::string bus_of(std::string_view query) {
  static constexpr std::string_view name = "bus=";
  if (query.empty()) return {};
  if (query.substr(0, name.size()) != name || query.find('&') != std::string_view::npos || query.size() == name.size())
    event::refuse("the query is bus=NAME or empty");
  return std::string(query.substr(name.size()));
}

void require_json(const net::HttpRequest& request) {
  const std::string* type = request.find("Content-Type");
  if (!type || !event::parse_media_type(*type).is("application/json"))
    throw event::Refusal{415, "Content-Type must be application/json", "Content-Type"};
}

std::string ids_text(const event::PublishInput& input) {
  std::string out = input.batch ? R"({"ids":[)" : R"({"id":)";
  out.reserve(64 * (input.events.size() + 1));
  for (const auto& event : input.events) {
    if (event != input.events.front()) out += ',';
    event::append_json_string(out, event->id);
  }
  out += input.batch ? "]}" : "}";
  return out;
}

}  // namespace

struct AdminApi::Route {
  enum class Kind { none, healthz, readyz, demo, metrics, publish, reload, put_token, revoke_token, sessions };
  Kind kind = Kind::none;
  std::string name;  // of the authenticator or mount

  bool open() const { return kind == Kind::healthz || kind == Kind::readyz || kind == Kind::demo; }
  bool readable() const { return open() || kind == Kind::metrics || kind == Kind::sessions; }
};

AdminApi::AdminApi(AdminBackend& backend, std::string_view token, const event::PublishLimits& limits, bool demo)
    : backend_(backend), token_(token), limits_(limits), demo_(demo) {}

AdminApi::Route AdminApi::route(std::string_view path) const {
  if (path == "/healthz") return {Route::Kind::healthz, {}};
  if (path == "/readyz") return {Route::Kind::readyz, {}};
  if (path == "/metrics") return {Route::Kind::metrics, {}};
  if (path == "/publish") return {Route::Kind::publish, {}};
  if (path == "/reload") return {Route::Kind::reload, {}};
  if (demo_ && demo_response(path)) return {Route::Kind::demo, {}};
  static constexpr std::string_view mounts = "/mounts/";
  static constexpr std::string_view listed = "/sessions";
  if (path.starts_with(mounts) && path.ends_with(listed) && path.size() > mounts.size() + listed.size()) {
    const std::string_view name = path.substr(mounts.size(), path.size() - mounts.size() - listed.size());
    return {Route::Kind::sessions, std::string(name)};
  }
  static constexpr std::string_view prefix = "/authenticators/";
  if (path.substr(0, prefix.size()) != prefix) return {};
  path.remove_prefix(prefix.size());
  const std::size_t slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos) return {};
  const std::string name(path.substr(0, slash));
  const std::string_view action = path.substr(slash + 1);
  if (action == "tokens") return {Route::Kind::put_token, name};
  if (action == "revoke") return {Route::Kind::revoke_token, name};
  return {};
}

void AdminApi::handle(const net::HttpRequest& request, Respond respond) {
  const Route target = route(request.path);
  if (!target.open()) {
    const std::string* authorization = request.find("Authorization");
    if (!authorization || request.count("Authorization") != 1 || !token_.matches(*authorization)) {
      base::log(base::LogLevel::warn, "admin request without the admin token", {{"path", request.path}});
      return respond(unauthorized(authorization != nullptr));
    }
  }
  if (target.kind == Route::Kind::none) return respond(error_response(404, "there is nothing at this path"));

  const bool head = request.method == "HEAD";
  const bool allowed = target.readable() ? head || request.method == "GET" : request.method == "POST";
  if (!allowed) {
    net::HttpResponse response =
        error_response(405, fmt::format("this path knows {} only", target.readable() ? "GET and HEAD" : "POST"));
    response.headers.emplace_back("Allow", target.readable() ? "GET, HEAD" : "POST");
    response.head_only = head;
    return respond(std::move(response));
  }

  net::HttpResponse response;
  try {
    switch (target.kind) {
      case Route::Kind::publish:
        return publish(request, respond);
      case Route::Kind::reload:
        return reload(respond);
      case Route::Kind::sessions:
        return sessions(target.name, request, respond);
      case Route::Kind::healthz:
        response = json_response(200, R"({"status":"ok"})");
        break;
      case Route::Kind::readyz:
        response = ready();
        break;
      case Route::Kind::demo:
        response = *demo_response(request.path);
        break;
      case Route::Kind::metrics:
        response = metrics();
        break;
      case Route::Kind::put_token:
        response = put_token(target.name, request);
        break;
      case Route::Kind::revoke_token:
        response = revoke_token(target.name, request);
        break;
      case Route::Kind::none:
        break;
    }
  } catch (const event::Refusal& refusal) {
    response = json_response(refusal.status, event::refusal_text(refusal));
  } catch (const std::exception& error) {
    base::log(base::LogLevel::error, "admin request failed", {{"path", request.path}, {"error", error.what()}});
    if (!respond) return;  // the bus has it
    response = error_response(500, "the gateway failed to answer; its log says more");
  }
  response.head_only = head;
  respond(std::move(response));
}

void AdminApi::sessions(const std::string& mount, const net::HttpRequest& request, const Respond& respond) {
  std::size_t most = 1000;
  if (!request.query.empty()) {
    constexpr std::string_view name = "limit=";
    const std::string_view query = request.query;
    const std::string_view number = query.starts_with(name) ? query.substr(name.size()) : std::string_view();
    const auto [end, wrong] = std::from_chars(number.data(), number.data() + number.size(), most);
    if (number.empty() || wrong != std::errc() || end != number.data() + number.size() || most > 100'000)
      return respond(error_response(400, "the query must be limit=NUMBER, at most 100000"));
  }
  const bool head = request.method == "HEAD";
  const bool known = backend_.sessions(mount, most, [respond, head](gateway::SessionList list) {
    boost::json::object out{{"total", list.total}, {"sessions", std::move(list.sessions)}};
    if (!list.complete) out["complete"] = false;
    net::HttpResponse response = json_response(200, boost::json::serialize(out));
    response.head_only = head;
    respond(std::move(response));
  });
  if (!known) respond(error_response(404, "there is no such mount"));
}

void AdminApi::publish(const net::HttpRequest& request, Respond& respond) {
  const std::string name = bus_of(request.query);
  const auto bus = backend_.find_bus(name);
  if (!bus && name.empty()) event::refuse("there are several buses: say which one with ?bus=NAME");
  if (!bus) throw event::Refusal{404, "there is no bus " + event::quoted(name), {}};

  auto parsed = event::parse_publish(request.headers, request.body, limits_);
  if (const auto* error = std::get_if<event::PublishError>(&parsed))
    return respond(json_response(error->status, error->body));
  auto& input = std::get<event::PublishInput>(parsed);
  std::string answer = ids_text(input);
  if (input.events.empty()) return respond(json_response(200, std::move(answer)));

  // The bus stays until it has answered, also when a reload has put another in its place.
  bus->publish(std::move(input.events), [respond = std::move(respond), bus,
                                         answer = std::move(answer)](bus::PublishStatus status) mutable {
    switch (status) {
      case bus::PublishStatus::accepted:
        return respond(json_response(200, std::move(answer)));
      case bus::PublishStatus::overloaded:
        return respond(busy_response("the gateway is overloaded; nothing was published"));
      case bus::PublishStatus::unavailable:
        return respond(busy_response(
            "the bus has no connection, or lost it before the broker confirmed; publish it again under the same id"));
      case bus::PublishStatus::impossible:
        return respond(error_response(
            422, "this bus cannot carry the channel, key or another part of an event; nothing was published"));
      case bus::PublishStatus::not_stored:
        return respond(busy_response("a journal could not store it; publish it again under the same id"));
    }
  });
}

void AdminApi::reload(const Respond& respond) {
  backend_.reload([respond](const gateway::ReloadReport& report) {
    respond(json_response(report.errors.empty() ? 200 : 422, json::serialize(to_json(report))));
  });
}

net::HttpResponse AdminApi::ready() const {
  const gateway::Readiness state = backend_.readiness();
  json::array reasons;
  for (const auto& reason : state.reasons) reasons.emplace_back(reason);
  return json_response(state.ready ? 200 : 503,
                       json::serialize(json::object{{"ready", state.ready}, {"reasons", std::move(reasons)}}));
}

net::HttpResponse AdminApi::metrics() const {
  net::HttpResponse response;
  response.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}};
  response.body = service::write_prometheus(backend_.metrics());
  return response;
}

std::shared_ptr<service::StaticAuthenticator> AdminApi::static_authenticator(const std::string& name) {
  auto found = backend_.find_static_authenticator(name);
  if (!found) throw event::Refusal{404, "there is no static authenticator " + event::quoted(name), {}};
  return found;
}

net::HttpResponse AdminApi::put_token(const std::string& authenticator, const net::HttpRequest& request) {
  const auto target = static_authenticator(authenticator);
  require_json(request);
  TokenRequest parsed = parse_token_request(request.body, base::unix_ms());
  json::object out{{"id", parsed.identity.id}, {"expires", nullptr}};
  if (parsed.identity.expires_ms) out["expires"] = base::format_rfc3339(parsed.identity.expires_ms);
  if (!target->put(parsed.token, parsed.identity))
    throw event::Refusal{507, "authenticator " + event::quoted(authenticator) + " holds as many tokens as it may", {}};
  base::log(base::LogLevel::info, "token put by admin",
            {{"authenticator", authenticator}, {"id", parsed.identity.id}, {"user", parsed.identity.user}});
  return json_response(200, json::serialize(out));
}

net::HttpResponse AdminApi::revoke_token(const std::string& authenticator, const net::HttpRequest& request) {
  const auto target = static_authenticator(authenticator);
  require_json(request);
  if (!target->revoke(parse_revoke_request(request.body)))
    throw event::Refusal{404, "authenticator " + event::quoted(authenticator) + " has no such token", {}};
  base::log(base::LogLevel::info, "token revoked by admin", {{"authenticator", authenticator}});
  return json_response(200, R"({"revoked":true})");
}

}  // namespace dragoman::admin
