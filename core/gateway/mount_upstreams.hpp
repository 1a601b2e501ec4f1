// SPDX-License-Identifier: Apache-2.0
// What a mount's plugin asks of upstreams, on one shard (dgm.upstream/1).
#pragma once
#include <dragoman/ext/upstream.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/operations.hpp"
#include "plugin/instance.hpp"
#include "service/upstream.hpp"

namespace dragoman::gateway {

using Upstreams = std::map<std::string, std::shared_ptr<service::Upstream>, std::less<>>;  // of one shard

class MountUpstreams {
 public:
  // Everything outlives it; upstreams: changed on the shard only.
  MountUpstreams(const Upstreams& upstreams, Operations& operations, plugin::Instance& instance)
      : upstreams_(upstreams), operations_(operations), instance_(instance) {}

  // Any thread.
  bool any() const { return !upstreams_.empty(); }
  bool known(std::string_view upstream) const { return upstreams_.contains(upstream); }

  // owner: its count of pending operations, or null for the instance's own. request.target: below the upstream's own
  // path. Anything may be in the request's fields.
  dgm_status fetch(std::uint32_t* owner, std::string_view upstream, net::HttpFetch request, dgm_fetch_done done,
                   void* user, dgm_op* op);

 private:
  void answered(dgm_fetch_done done, void* user, net::FetchStatus status, const net::HttpAnswer& answer,
                const std::string& why);

  const Upstreams& upstreams_;
  Operations& operations_;
  plugin::Instance& instance_;
};

}  // namespace dragoman::gateway
