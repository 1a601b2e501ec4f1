// SPDX-License-Identifier: Apache-2.0
// A real dialect in the fake host: events of the bus, the journal, and a dashboard that is told and asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <dragoman/testing/fake_host.hpp>

#include "config/schema.hpp"

namespace dragoman::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The defaults of its schema, as the gateway fills them in.
std::string settings() {
  boost::json::value value = boost::json::object();
  std::vector<config::Error> errors;
  config::Schema::parse(dgm_plugin_entry_v0.settings_schema).check(value, "settings", {}, errors);
  return boost::json::serialize(value);
}

Options with_journal() {
  Options options;
  options.journal = true;
  return options;
}

Event connection(const std::string& id) {
  return {.channel = "honeytrap",
          .key = "events",
          .body = R"({"Date": "2021-01-01T00:00:00Z", "Sensor": "ssh", "SessionID": ")" + id +
                  R"(", "Type": 1, "RemoteAddr": "192.0.2.1:50000", "LocalAddr": "192.0.2.2:22"})",
          .id = id};
}

TEST(HoneytrapPlugin, WantsAJournal) {
  FakeHost host(dgm_plugin_entry_v0);
  EXPECT_FALSE(host.load(settings()));
  EXPECT_THAT(host.refusal(), HasSubstr("name a journal"));
  EXPECT_THAT(host.finish(), IsEmpty());
}

TEST(HoneytrapPlugin, StoresAnEventBeforeItIsPushed) {
  FakeHost host(dgm_plugin_entry_v0, with_journal());
  ASSERT_TRUE(host.load(settings())) << host.refusal();
  auto dashboard = host.connect("/ws");
  const std::size_t before = dashboard.sent().size();
  host.hold();
  host.publish(connection("one"));
  EXPECT_EQ(dashboard.sent().size(), before);
  host.release();
  EXPECT_EQ(dashboard.sent().size(), before + 1);
  EXPECT_THAT(dashboard.last(), HasSubstr("192.0.2.1"));
  host.publish(connection("one"));
  EXPECT_EQ(dashboard.sent().size(), before + 1) << "the journal has it already";
  EXPECT_EQ(host.request("POST", "/").status(), 405u);
  EXPECT_EQ(host.request("GET", "/").status(), 204u);
  EXPECT_EQ(host.connect("/elsewhere").status(), 404u);
  EXPECT_THAT(host.finish(), IsEmpty());
}

TEST(HoneytrapPlugin, EveryCallMayFail) {
  for (unsigned n = 1;; ++n) {
    FakeHost host(dgm_plugin_entry_v0, with_journal());
    host.fail_call(n);
    if (host.load(settings())) {
      auto dashboard = host.connect("/ws");
      dashboard.text(R"({"type": 3, "payload": []})");
      host.publish(connection("one"));
      host.request("GET", "/events");
      host.request("POST", "/v1/action", connection("two").body);
    }
    EXPECT_THAT(host.finish(), IsEmpty()) << "call " << n;
    if (!host.call_failed()) break;
  }
}

}  // namespace
}  // namespace dragoman::testing
