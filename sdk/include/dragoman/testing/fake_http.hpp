// SPDX-License-Identifier: Apache-2.0
// The fake host's table dgm.http/1: routes and answers.
#pragma once
#include <dragoman/ext/http.h>
#include <dragoman/testing/fake_gate.hpp>

namespace dragoman::testing::detail {

struct HttpTable : Gate {
  static dgm_status route(dgm_host* h, dgm_str method, dgm_str path, std::uint32_t flags) noexcept {
    return in_control(h, "route", true, [&](Core& core) -> dgm_status {
      if (!core.http.request) return invalid(core, "route", "the dialect has no dgm.http/1");
      if (!text(path).starts_with('/')) return invalid(core, "route", "the path does not begin with a slash");
      const Core::Route made{text(method), text(path), flags};
      // Every shard declares the same.
      if (std::find(core.routes.begin(), core.routes.end(), made) == core.routes.end()) core.routes.push_back(made);
      return DGM_OK;
    });
  }
  static bool path_fits(std::string_view pattern, std::string_view path) {
    for (;;) {
      const std::size_t end = pattern.find('/', 1), path_end = path.find('/', 1);
      if (pattern.substr(0, end) == "/{*}") return true;
      if (pattern.substr(0, end) != "/{}" && pattern.substr(0, end) != path.substr(0, path_end)) return false;
      if (end == std::string_view::npos || path_end == std::string_view::npos)
        return end == path_end || (end != std::string_view::npos && pattern.substr(end) == "/{*}");
      pattern.remove_prefix(end), path.remove_prefix(path_end);
    }
  }
  // 0: this request reaches the dialect; else the status of the host's own answer.
  static unsigned refusal(const Core& core, std::string_view method, std::string_view path, bool websocket) {
    if (websocket && core.routes.empty()) return 0;
    bool other_method = false;
    for (const Core::Route& route : core.routes) {
      if (!path_fits(route.path, path) || (route.flags & DGM_ROUTE_REST)) continue;
      const bool opens = route.flags & DGM_ROUTE_WEBSOCKET;
      if (opens == websocket && (websocket || route.method == "*" || route.method == method)) return 0;
      other_method = other_method || !opens;
    }
    for (const Core::Route& route : core.routes)
      if (!websocket && (route.flags & DGM_ROUTE_REST) && path_fits(route.path, path)) return 0;
    return other_method ? 405 : 404;
  }

  // A request whose answer may still begin or go on.
  template <class F>
  static dgm_status answer(dgm_host* h, const char* function, dgm_request id, bool begun, F&& f) noexcept {
    return on_shard(
        h, function,
        [&](Shard& self, Core& core) -> dgm_status {
          Request* const r = core.request(id);
          if (!r || r->shard != self.index || r->answered) return DGM_E_GONE;
          return r->begun == begun ? f(core, *r) : DGM_E_INVALID;
        },
        id);
  }
  static const char* wrong_head(std::uint32_t status, const dgm_field* headers, std::size_t n) {
    if (status < 200 || status > 599) return "the status is not from 200 to 599";
    if (n && !headers) return "the headers are null";
    for (std::size_t i = 0; i < n; ++i) {
      const std::string value = text(headers[i].value);
      if (!headers[i].name.len || value.find_first_of("\r\n") != std::string::npos)
        return "a header has no name, or a line break";
    }
    return nullptr;
  }
  static void set_head(Request& r, std::uint32_t status, const dgm_field* headers, std::size_t n) {
    r.status = status;
    for (std::size_t i = 0; i < n; ++i) r.headers.emplace_back(text(headers[i].name), text(headers[i].value));
  }
  static dgm_status complete(Core& core, Request& r) {
    r.answered = true;
    core.tasks.push_back([&core, id = r.id] { core.end_request(id); });
    return DGM_OK;
  }
  static dgm_status respond(dgm_host* h, dgm_request id, std::uint32_t status, const dgm_field* headers, std::size_t n,
                            dgm_str body) noexcept {
    return answer(h, "respond", id, false, [&](Core& core, Request& r) {
      if (const char* wrong = wrong_head(status, headers, n)) return invalid(core, "respond", wrong);
      set_head(r, status, headers, n);
      r.body = text(body);
      return complete(core, r);
    });
  }
  static dgm_status begin(dgm_host* h, dgm_request id, std::uint32_t status, const dgm_field* headers,
                          std::size_t n) noexcept {
    return answer(h, "begin", id, false, [&](Core& core, Request& r) -> dgm_status {
      if (const char* wrong = wrong_head(status, headers, n)) return invalid(core, "begin", wrong);
      set_head(r, status, headers, n);
      r.begun = true;
      return DGM_OK;
    });
  }
  static dgm_status part(dgm_host* h, dgm_request id, dgm_str data) noexcept {
    return answer(h, "part", id, true, [&](Core& core, Request& r) -> dgm_status {
      if (data.len > 65536) return invalid(core, "part", "the data is longer than 64 KiB");
      r.body += text(data);
      if (!r.reads) r.waiting += data.len;
      r.pressed = r.pressed || r.waiting > core.options.queue_bytes / 2;
      return r.pressed ? DGM_PRESSURE : DGM_OK;
    });
  }
  static dgm_status end(dgm_host* h, dgm_request id) noexcept {
    return answer(h, "end", id, true, [&](Core& core, Request& r) { return complete(core, r); });
  }
  static dgm_status abort(dgm_host* h, dgm_request id) noexcept {
    return on_shard(
        h, "abort",
        [&](Shard& self, Core& core) -> dgm_status {
          Request* const r = core.request(id);
          if (!r || r->shard != self.index || r->answered) return DGM_E_GONE;
          r->aborted = true;
          return complete(core, *r);
        },
        id);
  }

  static constexpr dgm_host_http http{sizeof(dgm_host_http), 0, route, respond, begin, part, end, abort};
};

}  // namespace dragoman::testing::detail
