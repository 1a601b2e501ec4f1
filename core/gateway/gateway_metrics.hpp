// SPDX-License-Identifier: Apache-2.0
// The counters of all shards as metric families; any thread, while the shards exist.
#pragma once
#include <memory>
#include <vector>

#include "gateway/authenticators.hpp"
#include "gateway/shard.hpp"
#include "plugin/bus_instance.hpp"
#include "service/metrics.hpp"
#include "translation/translator.hpp"

namespace dragoman::gateway {

// nodes: null if this gateway is alone.
std::vector<service::MetricFamily> gather_metrics(const std::vector<std::unique_ptr<Shard>>& shards,
                                                  const std::vector<const service::Journal*>& journals,
                                                  const std::vector<const plugin::BusInstance*>& buses,
                                                  const Authenticators& authenticators, const service::Nodes* nodes,
                                                  const translation::Translator& translator);

}  // namespace dragoman::gateway
