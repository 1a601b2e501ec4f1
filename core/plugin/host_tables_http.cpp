// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "net/http_fields.hpp"
#include "plugin/host_calls.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t header_limit = 64;
constexpr std::size_t part_limit = 64 * 1024;

// "/a/{}/b" to its segments; false if it is no such path.
bool split_path(std::string_view path, std::vector<std::string>& segments) {
  if (path.empty() || path.front() != '/') return false;
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

struct HostCalls::Http {
  static dgm_status route(dgm_host* host, dgm_str method, dgm_str path, std::uint32_t flags) noexcept {
    return in_control(host, "route", true, [&](Instance& self) {
      if (!self.has_http()) return invalid(self, "route", "the dialect has no dgm.http/1");
      if (flags > DGM_ROUTE_REST) return invalid(self, "route", "the flags are not known");
      if (!readable(method, 16) || !readable(path, name_limit))
        return invalid(self, "route", "the method or the path is null or too long");
      Route made;
      made.websocket = flags & DGM_ROUTE_WEBSOCKET;
      made.rest = flags & DGM_ROUTE_REST;
      made.method = view(method);
      static constexpr std::string_view methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*"};
      if (!made.websocket && std::find(std::begin(methods), std::end(methods), made.method) == std::end(methods))
        return invalid(self, "route", "the method is none of GET, POST, PUT, PATCH, DELETE, OPTIONS and *");
      if (!split_path(view(path), made.segments)) return invalid(self, "route", "the path does not begin with a slash");
      return add_route(self, std::move(made));
    });
  }

  // Null: status and headers may be sent.
  static const char* wrong_head(std::uint32_t status, const dgm_field* headers, std::size_t n) {
    if (status < 200 || status > 599) return "the status is not from 200 to 599";
    if (n > header_limit || (n && !headers)) return "the headers are null or too many";
    for (std::size_t i = 0; i < n; ++i) {
      if (!readable(headers[i].name, name_limit) || !net::is_token(view(headers[i].name)))
        return "a header has no name";
      if (!readable(headers[i].value, value_limit) || !net::is_field_value(view(headers[i].value)))
        return "the value of a header is null or holds a control character";
    }
    return nullptr;
  }

  static net::HttpResponse head_of(std::uint32_t status, const dgm_field* headers, std::size_t n) {
    net::HttpResponse out;
    out.status = static_cast<int>(status);
    for (std::size_t i = 0; i < n; ++i) out.headers.emplace_back(view(headers[i].name), view(headers[i].value));
    return out;
  }

  static dgm_status respond(dgm_host* host, dgm_request request, std::uint32_t status, const dgm_field* headers,
                            std::size_t n, dgm_str body) noexcept {
    return on_shard(host, "respond", [&](Instance& self) {
      if (const char* const wrong = wrong_head(status, headers, n)) return invalid(self, "respond", wrong);
      if (!readable(body, payload_limit)) return invalid(self, "respond", "the body is null or too long");
      net::HttpResponse response = head_of(status, headers, n);
      response.body = view(body);
      return services(self).respond(request, std::move(response));
    });
  }

  static dgm_status begin(dgm_host* host, dgm_request request, std::uint32_t status, const dgm_field* headers,
                          std::size_t n) noexcept {
    return on_shard(host, "begin", [&](Instance& self) {
      if (const char* const wrong = wrong_head(status, headers, n)) return invalid(self, "begin", wrong);
      return services(self).begin_response(request, head_of(status, headers, n));
    });
  }

  static dgm_status part(dgm_host* host, dgm_request request, dgm_str data) noexcept {
    return on_shard(host, "part", [&](Instance& self) {
      if (!readable(data, part_limit)) return invalid(self, "part", "the data is null or longer than 64 KiB");
      return services(self).response_part(request, view(data));
    });
  }

  static dgm_status end(dgm_host* host, dgm_request request) noexcept {
    return on_shard(host, "end", [&](Instance& self) { return services(self).end_response(request); });
  }

  static dgm_status abort(dgm_host* host, dgm_request request) noexcept {
    return on_shard(host, "abort", [&](Instance& self) { return services(self).abort_response(request); });
  }
};

const dgm_host_http& http_table() {
  static constexpr dgm_host_http table = {sizeof table,           0,
                                          HostCalls::Http::route, HostCalls::Http::respond,
                                          HostCalls::Http::begin, HostCalls::Http::part,
                                          HostCalls::Http::end,   HostCalls::Http::abort};
  return table;
}

}  // namespace dragoman::plugin
