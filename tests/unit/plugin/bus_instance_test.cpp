// SPDX-License-Identifier: Apache-2.0
#include "plugin/bus_instance.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "plugin/arguments.hpp"
#include "test_plugin.hpp"

namespace dragoman::plugin {
namespace {

using event::PublishStatus;
using testing::ElementsAre;
using testing::IsEmpty;
using Delivered = bus::Bus::Delivered;

constexpr std::size_t mailbox = 64 << 10;

struct BusHooks : TestHooks {
  std::function<dgm_status(std::size_t, dgm_published, void*)> publish;
  std::vector<std::string> watched;
};

dgm_bus test_bus() {
  dgm_bus bus{};
  bus.size = sizeof bus;
  bus.watch = [](void* inst, const dgm_wish* added, size_t n_added, const dgm_wish* removed, size_t n_removed) {
    auto& watched = static_cast<BusHooks*>(static_cast<TestHooks*>(inst))->watched;
    for (size_t i = 0; i < n_added; ++i)
      watched.push_back("+" + std::string(view(added[i].channel)) + ":" + std::string(view(added[i].key)) +
                        (added[i].literal ? "!" : ""));
    for (size_t i = 0; i < n_removed; ++i) watched.push_back("-" + std::string(view(removed[i].key)));
  };
  bus.publish = [](void* inst, const dgm_event*, size_t n, dgm_published done, void* user) -> dgm_status {
    return static_cast<BusHooks*>(static_cast<TestHooks*>(inst))->publish(n, done, user);
  };
  return bus;
}

struct BusInstanceTest : testing::Test {
  BusHooks hooks;
  dgm_bus table = test_bus();
  std::unique_ptr<BusInstance> bus;
  // What the shards are given, and what they say to it.
  std::vector<std::vector<std::string>> letters;
  std::vector<event::ReceiptPtr> receipts;
  Delivered answer = Delivered::ok;
  std::vector<dgm_status> told;

  void SetUp() override {
    auto plugin = test_plugin(hooks);
    plugin->dialect.reset();
    plugin->bus = table;
    bus = std::make_unique<BusInstance>(plugin, "main", "/state", mailbox);
    ASSERT_EQ(bus->prepare("{}", false), "");
  }
  void start() {
    ASSERT_EQ(bus->start([this](const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait) {
      EXPECT_TRUE(wait);
      std::vector<std::string> bodies;
      std::size_t bytes = 0;
      for (const auto& event : batch) {
        bodies.emplace_back(event->body.substr(0, 1));
        bytes += event->bytes();
      }
      EXPECT_LE(bytes, mailbox);
      if (answer == Delivered::ok) {
        letters.push_back(bodies);
        if (receipt) receipts.push_back(receipt);
      }
      return answer;
    }),
              "");
  }
  static dgm_event event(std::string_view body) {
    dgm_event e{};
    e.size = sizeof e;
    e.key = str("k");
    e.body = str(body);
    return e;
  }
  dgm_status deliver(const std::vector<dgm_event>& events, bool listen = true) {
    const auto* host = ask<dgm_host_bus>(hooks, DGM_EXT_BUS);
    return host->deliver(
        hooks.host, events.data(), events.size(),
        listen ? [](void* user, dgm_status status) { static_cast<std::vector<dgm_status>*>(user)->push_back(status); }
               : dgm_published(nullptr),
        &told);
  }
  PublishStatus publish(std::size_t n = 1) {
    std::vector<PublishStatus> answers;
    bus->publish(event::Batch(n, event::make_event({})), [&](PublishStatus status) { answers.push_back(status); });
    EXPECT_EQ(answers.size(), 1u);
    return answers.at(0);
  }
};

TEST_F(BusInstanceTest, EventsGoToTheShardsInOrderAndTheReceiptIsPassedOn) {
  start();
  const std::vector<dgm_event> events{event("a"), event("b")};
  EXPECT_EQ(deliver(events), DGM_OK);
  EXPECT_THAT(letters, ElementsAre(ElementsAre("a", "b")));
  EXPECT_THAT(told, IsEmpty());
  receipts.clear();
  EXPECT_THAT(told, ElementsAre(DGM_OK));
  EXPECT_EQ(deliver(events), DGM_OK);
  receipts.at(0)->fail(PublishStatus::not_stored);
  receipts.clear();
  EXPECT_THAT(told, ElementsAre(DGM_OK, DGM_E_UNAVAILABLE));
  EXPECT_EQ(deliver(events, false), DGM_OK);
  EXPECT_THAT(receipts, IsEmpty());
  EXPECT_EQ(bus->counters().delivered, 6u);
}

TEST_F(BusInstanceTest, LettersFitIntoAMailbox) {
  start();
  const std::string big(50 << 10, 'b'), small(10 << 10, 's');
  EXPECT_EQ(deliver({event(small), event(big), event(big), event(small), event(small)}), DGM_OK);
  EXPECT_THAT(letters, ElementsAre(ElementsAre("s", "b"), ElementsAre("b", "s"), ElementsAre("s")));
  receipts.pop_back();
  receipts.pop_back();
  EXPECT_THAT(told, IsEmpty());
  receipts.pop_back();
  EXPECT_THAT(told, ElementsAre(DGM_OK));
}

TEST_F(BusInstanceTest, OneThatIsTooLargeOrWrongStopsAll) {
  start();
  const std::string huge(mailbox, 'h');
  EXPECT_EQ(deliver({event("a"), event(huge)}), DGM_E_TOO_LARGE);
  dgm_event wrong = event("w");
  wrong.flags = 1;
  EXPECT_EQ(deliver({event("a"), wrong}), DGM_E_INVALID);
  wrong = event("w");
  wrong.size = 8;
  EXPECT_EQ(deliver({wrong}), DGM_E_INVALID);
  EXPECT_THAT(letters, IsEmpty());
  EXPECT_THAT(told, IsEmpty());
  EXPECT_EQ(bus->counters().refused, 2u);
}

TEST_F(BusInstanceTest, AGatewayThatStopsSaysSoOnce) {
  start();
  answer = Delivered::stopping;
  EXPECT_EQ(deliver({event("a")}), DGM_E_CANCELED);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(BusInstanceTest, AnswersOfPublish) {
  start();
  const std::pair<dgm_status, PublishStatus> answers[] = {{DGM_OK, PublishStatus::accepted},
                                                          {DGM_E_DROPPED, PublishStatus::overloaded},
                                                          {DGM_E_INVALID, PublishStatus::impossible},
                                                          {DGM_E_UNAVAILABLE, PublishStatus::unavailable},
                                                          {DGM_E_CANCELED, PublishStatus::unavailable},
                                                          {DGM_E_INTERNAL, PublishStatus::unavailable}};
  for (const auto& [status, expected] : answers) {
    hooks.publish = [s = status](std::size_t, dgm_published done, void* user) -> dgm_status {
      done(user, s);
      return DGM_OK;
    };
    EXPECT_EQ(publish(), expected);
    if (status < 0) {
      hooks.publish = [s = status](std::size_t, dgm_published, void*) { return s; };
      EXPECT_EQ(publish(3), expected);
    }
  }
  EXPECT_EQ(bus->counters().published, 1u);
  EXPECT_EQ(bus->counters().failed, 5u + 15u);
}

TEST_F(BusInstanceTest, AnExceptionDoesNotCrossTheBoundary) {
  start();
  hooks.publish = [](std::size_t, dgm_published, void*) -> dgm_status { throw std::runtime_error("thrown"); };
  EXPECT_EQ(publish(), PublishStatus::unavailable);
}

TEST_F(BusInstanceTest, Wishes) {
  bus->watch({{"c", "a.*", false}, {"c", "b", true}}, {});
  bus->watch({}, {{"c", "b", true}});
  EXPECT_THAT(hooks.watched, ElementsAre("+c:a.*", "+c:b!", "-b"));
}

TEST_F(BusInstanceTest, ConnectedUntilItStops) {
  start();
  const auto* host = ask<dgm_host_bus>(hooks, DGM_EXT_BUS);
  EXPECT_FALSE(bus->connected());
  host->connected(hooks.host, 0, str("not yet"));
  host->connected(hooks.host, 1, {});
  host->connected(hooks.host, 1, {});
  EXPECT_TRUE(bus->connected());
  host->connected(hooks.host, 0, str("lost"));
  EXPECT_FALSE(bus->connected());
  host->connected(hooks.host, 1, {});
  EXPECT_EQ(bus->counters().connections, 2u);
  int stops = 0;
  hooks.stop = [&] { ++stops; };
  bus->stop();
  bus->stop();
  EXPECT_FALSE(bus->connected());
  EXPECT_EQ(stops, 1);
}

TEST_F(BusInstanceTest, WhatIsLostOnTheWayCounts) {
  start();
  const auto* host = ask<dgm_host_bus>(hooks, DGM_EXT_BUS);
  host->dropped(hooks.host, 3);
  host->dropped(hooks.host, 4);
  host->dropped(nullptr, 5);
  EXPECT_EQ(bus->counters().refused, 7u);
}

TEST_F(BusInstanceTest, AStartThatFails) {
  hooks.start = []() -> dgm_status { return DGM_E_INTERNAL; };
  hooks.stop = [] { ADD_FAILURE() << "stop() without start()"; };
  EXPECT_NE(bus->start([](const auto&, const auto&, bool) { return Delivered::ok; }), "");
}

}  // namespace
}  // namespace dragoman::plugin
