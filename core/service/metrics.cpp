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

prometheus::MetricType type_of(MetricFamily::Kind kind) {
  switch (kind) {
    case MetricFamily::Kind::counter:
      return prometheus::MetricType::Counter;
    case MetricFamily::Kind::gauge:
      return prometheus::MetricType::Gauge;
    case MetricFamily::Kind::histogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

void write_value(prometheus::ClientMetric& metric, MetricFamily::Kind kind, const MetricSample& sample) {
  switch (kind) {
    case MetricFamily::Kind::counter:
      metric.counter.value = sample.value;
      return;
    case MetricFamily::Kind::gauge:
      metric.gauge.value = sample.value;
      return;
    case MetricFamily::Kind::histogram:
      metric.histogram.sample_sum = sample.value;
      metric.histogram.sample_count = sample.count;
      for (const auto& [bound, count] : sample.buckets) metric.histogram.bucket.push_back({count, bound});
      return;
  }
}

}  // namespace

std::string write_prometheus(const std::vector<MetricFamily>& families) {
  std::vector<prometheus::MetricFamily> converted;
  converted.reserve(families.size());
  for (const auto& family : families) {
    prometheus::MetricFamily& out = converted.emplace_back();
    out.name = family.name;
    out.help = escape_help(family.help);
    out.type = type_of(family.kind);
    out.metric.reserve(family.samples.size());
    for (const auto& sample : family.samples) {
      prometheus::ClientMetric& metric = out.metric.emplace_back();
      metric.label.reserve(sample.labels.size());
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      write_value(metric, family.kind, sample);
    }
  }
  return prometheus::TextSerializer().Serialize(converted);
}

}  // namespace dragoman::service
