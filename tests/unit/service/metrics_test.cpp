// SPDX-License-Identifier: Apache-2.0
#include "service/metrics.hpp"

#include <gtest/gtest.h>

namespace {

using dragoman::service::MetricFamily;
using dragoman::service::write_prometheus;

TEST(Metrics, NothingIsEmpty) {
  EXPECT_EQ(write_prometheus({}), "");
}

TEST(Metrics, CountersAndGauges) {
  const std::string text = write_prometheus({
      {"dragoman_events_total", "Events delivered by buses.", MetricFamily::Kind::counter, {{{{"bus", "main"}}, 3}}},
      {"dragoman_sessions",
       "Open sessions.",
       MetricFamily::Kind::gauge,
       {{{{"mount", "wazo"}, {"listener", "public"}}, 12}, {{}, 0.5}}},
  });
  EXPECT_EQ(text,
            "# HELP dragoman_events_total Events delivered by buses.\n"
            "# TYPE dragoman_events_total counter\n"
            "dragoman_events_total{bus=\"main\"} 3\n"
            "# HELP dragoman_sessions Open sessions.\n"
            "# TYPE dragoman_sessions gauge\n"
            "dragoman_sessions{mount=\"wazo\",listener=\"public\"} 12\n"
            "dragoman_sessions 0.5\n");
}

TEST(Metrics, Histograms) {
  const std::string text = write_prometheus({{"dragoman_delay_seconds",
                                              "Delay.",
                                              MetricFamily::Kind::histogram,
                                              {{{{"shard", "0"}}, 0.75, {{0.001, 2}, {0.5, 3}}, 4}}}});
  EXPECT_EQ(text,
            "# HELP dragoman_delay_seconds Delay.\n"
            "# TYPE dragoman_delay_seconds histogram\n"
            "dragoman_delay_seconds_count{shard=\"0\"} 4\n"
            "dragoman_delay_seconds_sum{shard=\"0\"} 0.75\n"
            "dragoman_delay_seconds_bucket{shard=\"0\",le=\"0.001\"} 2\n"
            "dragoman_delay_seconds_bucket{shard=\"0\",le=\"0.5\"} 3\n"
            "dragoman_delay_seconds_bucket{shard=\"0\",le=\"+Inf\"} 4\n");
}

TEST(Metrics, LargeCountersStayExact) {
  const std::string text =
      write_prometheus({{"dragoman_bytes_total", "Bytes.", MetricFamily::Kind::counter, {{{}, 9007199254740991.0}}}});
  EXPECT_NE(text.find("dragoman_bytes_total 9007199254740991\n"), std::string::npos) << text;
}

TEST(Metrics, HostileTextsStayInTheirLine) {
  const std::string text = write_prometheus(
      {{"dragoman_x_total", "one\ntwo \\", MetricFamily::Kind::counter, {{{{"mount", "a\"b\\c\nd"}}, 1}}}});
  EXPECT_EQ(text,
            "# HELP dragoman_x_total one\\ntwo \\\\\n"
            "# TYPE dragoman_x_total counter\n"
            "dragoman_x_total{mount=\"a\\\"b\\\\c\\nd\"} 1\n");
}

}  // namespace
