// SPDX-License-Identifier: Apache-2.0
// Neutral form of what /metrics shows; the text is written by prometheus-cpp's serialiser. Labels are bounded: mount,
// listener, bus, plugin, reason, hook, shard and other names of the configuration (architecture section 11).
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dragoman::service {

struct MetricSample {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
  // Of a histogram, whose value is the sum of what it has seen: upper bounds, and how much was seen up to each.
  std::vector<std::pair<double, std::uint64_t>> buckets = {};
  std::uint64_t count = 0;
};

struct MetricFamily {
  enum class Kind { counter, gauge, histogram };
  std::string name;  // dragoman_...; counters end in _total
  std::string help;
  Kind kind = Kind::counter;
  std::vector<MetricSample> samples;
};

// Prometheus text exposition format 0.0.4.
std::string write_prometheus(const std::vector<MetricFamily>& families);

}  // namespace dragoman::service
