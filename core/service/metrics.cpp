// SPDX-License-Identifier: Apache-2.0
#include "service/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace dragoman::service {
namespace {

// The serialiser escapes label values but not help texts, and a plugin's counters bring their own.
std::string escape_help(const std::string& help) {
  std::string out;
  for (const char c : help) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\')
      out += "\\\\";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string write_prometheus(const std::vector<MetricFamily>& families) {
  std::vector<prometheus::MetricFamily> converted;
  converted.reserve(families.size());
  for (const auto& family : families) {
    const bool counter = family.kind == MetricFamily::Kind::counter;
    prometheus::MetricFamily& out = converted.emplace_back();
    out.name = family.name;
    out.help = escape_help(family.help);
    out.type = counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    out.metric.reserve(family.samples.size());
    for (const auto& sample : family.samples) {
      prometheus::ClientMetric& metric = out.metric.emplace_back();
      metric.label.reserve(sample.labels.size());
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      (counter ? metric.counter.value : metric.gauge.value) = sample.value;
    }
  }
  return prometheus::TextSerializer().Serialize(converted);
}

}  // namespace dragoman::service
