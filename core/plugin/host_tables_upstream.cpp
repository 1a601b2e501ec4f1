// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plugin/host_calls.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t any_length = static_cast<std::size_t>(-1);

const char* wrong_with(const dgm_fetch& fetch) {
  if (fetch.flags != 0 || fetch.reserved != 0) return "the request has flags that this host does not know";
  if (!readable(fetch.upstream, name_limit)) return "the name of the upstream is null or too long";
  for (const dgm_str text : {fetch.method, fetch.path, fetch.body})
    if (!readable(text, any_length)) return "the method, the path or the body is null";
  if (fetch.header_count && !fetch.headers) return "the headers are null";
  for (std::size_t i = 0; i < fetch.header_count; ++i)
    if (!readable(fetch.headers[i].name, any_length) || !readable(fetch.headers[i].value, any_length))
      return "a header is null";
  return nullptr;
}

bool too_large(const dgm_fetch& fetch) {
  if (fetch.path.len > value_limit || fetch.body.len > payload_limit || fetch.header_count > attribute_limit)
    return true;
  return std::any_of(fetch.headers, fetch.headers + fetch.header_count, [](const dgm_field& header) {
    return header.name.len > name_limit || header.value.len > value_limit;
  });
}

}  // namespace

struct HostCalls::Upstream {
  static dgm_status known(dgm_host* host, dgm_str upstream) noexcept {
    if (!host || !readable(upstream, name_limit)) return DGM_E_INVALID;
    return services(of(host)).knows_upstream(view(upstream)) ? DGM_OK : DGM_E_INVALID;
  }

  // What a client may have written is judged here and behind this: it is no breach of the plugin's.
  static dgm_status fetch(dgm_host* host, std::uint64_t owner, const dgm_fetch* from, dgm_fetch_done done, void* user,
                          dgm_op* op) noexcept {
    return on_shard(host, "fetch", [&](Instance& self) {
      if (!done) return invalid(self, "fetch", "done is null");
      dgm_fetch fetch;
      if (!read_data(from, fetch)) return invalid(self, "fetch", "the request is null or of a wrong size");
      if (const char* const wrong = wrong_with(fetch)) return invalid(self, "fetch", wrong);
      if (too_large(fetch)) return dgm_status{DGM_E_INVALID};
      net::HttpFetch request;
      request.method = view(fetch.method);
      request.target = view(fetch.path);
      for (std::size_t i = 0; i < fetch.header_count; ++i)
        request.headers.emplace_back(view(fetch.headers[i].name), view(fetch.headers[i].value));
      request.body = view(fetch.body);
      request.timeout_ms = fetch.timeout_ms;
      dgm_op started = 0;
      const dgm_status status =
          services(self).fetch(owner, view(fetch.upstream), std::move(request), done, user, &started);
      if (op) *op = status < 0 ? 0 : started;
      return status;
    });
  }

  static dgm_status cancel(dgm_host* host, dgm_op op) noexcept {
    return on_shard(host, "cancel (dgm.upstream/1)", [&](Instance& self) { return services(self).cancel_fetch(op); });
  }
};

const dgm_host_upstream& upstream_table() {
  static constexpr dgm_host_upstream table = {sizeof table, 0, HostCalls::Upstream::known, HostCalls::Upstream::fetch,
                                              HostCalls::Upstream::cancel};
  return table;
}

}  // namespace dragoman::plugin
