// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_upstreams.hpp"

#include <vector>

namespace dragoman::gateway {
namespace {

dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}

dgm_status status_of(net::FetchStatus status) {
  switch (status) {
    case net::FetchStatus::ok:
      return DGM_OK;
    case net::FetchStatus::unavailable:
      return DGM_E_UNAVAILABLE;
    case net::FetchStatus::timeout:
      return DGM_E_TIMEOUT;
    case net::FetchStatus::too_large:
      break;
  }
  return DGM_E_TOO_LARGE;
}

dgm_status status_of(service::Upstream::Started started) {
  switch (started) {
    case service::Upstream::Started::ok:
      return DGM_OK;
    case service::Upstream::Started::invalid:
      return DGM_E_INVALID;
    case service::Upstream::Started::denied:
      return DGM_E_DENIED;
    case service::Upstream::Started::queue_full:
      break;
  }
  return DGM_E_DROPPED;
}

}  // namespace

dgm_status MountUpstreams::fetch(std::uint32_t* owner, std::string_view upstream, net::HttpFetch request,
                                 dgm_fetch_done done, void* user, dgm_op* out) {
  const auto found = upstreams_.find(upstream);
  if (found == upstreams_.end()) return DGM_E_INVALID;
  const std::shared_ptr<service::Upstream> to = found->second;
  const auto number = std::make_shared<std::uint64_t>(0);
  const dgm_op op = operations_.start_call(owner, [this, to, number, done, user] {
    to->cancel(*number);
    instance_.completed(plugin::Hook::fetch_done, [&] {
      done(user, DGM_E_CANCELED, nullptr, str("it was canceled, or the client is gone, or the gateway stops"));
    });
  });
  if (!op) return DGM_E_DROPPED;
  const dgm_status status = status_of(to->start(
      std::move(request),
      [this, op, life = operations_.life(), done, user](net::FetchStatus result, const net::HttpAnswer& answer,
                                                        const std::string& why) {
        if (operations_.take_call(op)) answered(done, user, result, answer, why);
      },
      *number));
  if (status < 0)
    operations_.take_call(op);
  else if (out)
    *out = op;
  return status;
}

void MountUpstreams::answered(dgm_fetch_done done, void* user, net::FetchStatus status, const net::HttpAnswer& answer,
                              const std::string& why) {
  if (status != net::FetchStatus::ok)
    return instance_.completed(plugin::Hook::fetch_done, [&] { done(user, status_of(status), nullptr, str(why)); });
  std::vector<dgm_field> headers;
  headers.reserve(answer.headers.size());
  for (const auto& [name, value] : answer.headers) headers.push_back({str(name), str(value)});
  dgm_fetched fetched{};
  fetched.size = sizeof fetched;
  fetched.status = answer.status;
  fetched.headers = headers.data();
  fetched.header_count = headers.size();
  fetched.body = str(answer.body);
  instance_.completed(plugin::Hook::fetch_done, [&] { done(user, DGM_OK, &fetched, {}); });
}

}  // namespace dragoman::gateway
