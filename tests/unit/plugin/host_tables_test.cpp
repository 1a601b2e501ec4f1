// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_tables.hpp"

#include <dragoman/ext/metrics.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_services.hpp"
#include "plugin/instance.hpp"
#include "test_plugin.hpp"

namespace dragoman::plugin {
namespace {

using testing::ElementsAre;

class HostTablesTest : public testing::Test {
 protected:
  void SetUp() override { make(0, false); }

  void make(std::uint32_t flags, bool strict) {
    InstanceOptions options;
    options.mount = "m";
    options.strict = strict;
    instance = std::make_unique<Instance>(plugin, services, options);
    ASSERT_EQ(instance->create(), "");
    session = ask<dgm_host_session>(hooks, DGM_EXT_SESSION);
    fanout = ask<dgm_host_fanout>(hooks, DGM_EXT_FANOUT);
    auth = ask<dgm_host_auth>(hooks, DGM_EXT_AUTH);
    timer = ask<dgm_host_timer>(hooks, DGM_EXT_TIMER);
    metrics = ask<dgm_host_metrics>(hooks, DGM_EXT_METRICS);
    ASSERT_TRUE(session && fanout && auth && timer && metrics);
    ASSERT_EQ(instance->configure(flags, "{}"), "");
    ASSERT_EQ(instance->start(), "");
  }

  // Runs `body` as the plugin inside session_message().
  template <class Body>
  void inside(Body body) {
    hooks.message = [&](std::string_view) -> dgm_status {
      body();
      return DGM_OK;
    };
    instance->session_message(1, nullptr, DGM_TEXT, "");
    hooks.message = nullptr;
  }

  TestHooks hooks;
  FakeServices services;
  std::shared_ptr<Plugin> plugin = test_plugin(hooks);
  std::unique_ptr<Instance> instance;
  const dgm_host_session* session = nullptr;
  const dgm_host_fanout* fanout = nullptr;
  const dgm_host_auth* auth = nullptr;
  const dgm_host_timer* timer = nullptr;
  const dgm_host_metrics* metrics = nullptr;
};

TEST_F(HostTablesTest, TablesSayTheirSizes) {
  EXPECT_EQ(hooks.api->size, sizeof(dgm_host_api));
  EXPECT_EQ(hooks.api->abi_minor, DGM_ABI_MINOR);
  EXPECT_EQ(session->size, sizeof *session);
  EXPECT_EQ(fanout->size, sizeof *fanout);
  EXPECT_EQ(auth->size, sizeof *auth);
  EXPECT_EQ(timer->size, sizeof *timer);
  EXPECT_EQ(metrics->size, sizeof *metrics);
  EXPECT_EQ(hooks.api->query(hooks.host, str("dgm.session/2")), nullptr);
  EXPECT_EQ(hooks.api->query(hooks.host, {nullptr, 0}), nullptr);
  EXPECT_EQ(hooks.api->query(hooks.host, {nullptr, 5}), nullptr);
}

TEST_F(HostTablesTest, CallsReachTheMount) {
  inside([&] {
    EXPECT_EQ(session->send(hooks.host, 4, DGM_TEXT, str("hi")), DGM_OK);
    EXPECT_EQ(session->send(hooks.host, 4, DGM_TEXT, {nullptr, 0}), DGM_OK);
    EXPECT_EQ(session->pause(hooks.host, 4), DGM_OK);
    EXPECT_EQ(session->resume(hooks.host, 4), DGM_OK);
    EXPECT_EQ(session->expect_message(hooks.host, 4, 500, 4003, str("late")), DGM_OK);
    EXPECT_EQ(session->expect_message(hooks.host, 4, 0, 0, {nullptr, 0}), DGM_OK);
    dgm_interest interest{};
    interest.size = sizeof interest;
    interest.channel = str("c");
    interest.key = str("a.#");
    std::uint64_t id = 0;
    EXPECT_EQ(fanout->subscribe(hooks.host, 4, &interest, &id), DGM_OK);
    EXPECT_EQ(id, 5u);
    EXPECT_EQ(fanout->unsubscribe(hooks.host, id), DGM_OK);
    EXPECT_EQ(fanout->bus(hooks.host), DGM_OK);
    dgm_op op = 0;
    EXPECT_EQ(auth->authenticate(
                  hooks.host, 4, str("t"), 1000, [](void*, dgm_status, const dgm_identity*, dgm_str) {}, this, &op),
              DGM_OK);
    EXPECT_EQ(op, 9u);
    EXPECT_EQ(services.user, this);
    EXPECT_EQ(auth->cancel(hooks.host, op), DGM_OK);
    EXPECT_EQ(timer->start(
                  hooks.host, 0, 50, [](void*, dgm_status) {}, nullptr, &op),
              DGM_OK);
    EXPECT_EQ(timer->cancel(hooks.host, op), DGM_OK);
    EXPECT_EQ(timer->start(
                  hooks.host, 0, 50, [](void*, dgm_status) {}, nullptr, nullptr),
              DGM_OK);
  });
  EXPECT_THAT(services.calls,
              ElementsAre("send 4 hi", "send 4 ", "pause", "resume", "expect 500", "expect 0", "subscribe c a.#",
                          "unsubscribe 5", "bus", "authenticate", "cancel_auth 9", "timer", "cancel_timer 8", "timer"));
  EXPECT_EQ(instance->violations(), 0u);
}

TEST_F(HostTablesTest, AnswersOfTheMountComeBack) {
  services.answer = DGM_E_GONE;
  inside([&] {
    std::uint64_t id = 77;
    dgm_interest interest{};
    interest.size = sizeof interest;
    EXPECT_EQ(fanout->subscribe(hooks.host, 4, &interest, &id), DGM_E_GONE);
    EXPECT_EQ(id, 0u);
    EXPECT_EQ(session->send(hooks.host, 4, DGM_BINARY, str("x")), DGM_E_GONE);
  });
  EXPECT_EQ(instance->violations(), 0u);  // a session may end at any time
}

TEST_F(HostTablesTest, WrongArgumentsDoNotReachTheMount) {
  std::uint64_t expected = 0;
  inside([&] {
    const auto refused = [&](dgm_status status) {
      EXPECT_EQ(status, DGM_E_INVALID) << "case " << expected;
      ++expected;
    };
    refused(session->send(hooks.host, 4, 3, str("x")));
    refused(session->send(hooks.host, 4, DGM_TEXT, {nullptr, 1}));
    for (const std::uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535})
      refused(session->close(hooks.host, 4, code, str("x")));
    refused(session->send(hooks.host, 4, DGM_TEXT, str("\xff")));
    refused(session->close(hooks.host, 4, 1000, {nullptr, 3}));
    refused(session->close(hooks.host, 4, 1000, str("\xc3")));
    refused(session->expect_message(hooks.host, 4, 1, 1006, str("x")));
    refused(fanout->subscribe(hooks.host, 4, nullptr, nullptr));
    dgm_interest interest{};
    interest.size = 4;
    refused(fanout->subscribe(hooks.host, 4, &interest, nullptr));
    refused(fanout->publish(hooks.host, nullptr));
    dgm_event event{};
    event.size = sizeof event;
    event.flags = 8;
    refused(fanout->publish(hooks.host, &event));
    refused(auth->authenticate(hooks.host, 4, str("t"), 1000, nullptr, nullptr, nullptr));
    refused(auth->authenticate(
        hooks.host, 4, str("t"), 0, [](void*, dgm_status, const dgm_identity*, dgm_str) {}, nullptr, nullptr));
    refused(timer->start(hooks.host, 4, 1, nullptr, nullptr, nullptr));
  });
  EXPECT_TRUE(services.calls.empty());
  EXPECT_EQ(instance->violations(), expected);
  EXPECT_EQ(session->send(nullptr, 4, DGM_TEXT, str("x")), DGM_E_INVALID);
}

TEST_F(HostTablesTest, CloseReasonsAreCutAtACharacter) {
  inside([&] {
    EXPECT_EQ(session->close(hooks.host, 4, 4000, str(std::string(122, 'a') + "é")), DGM_OK);
    EXPECT_EQ(session->close(hooks.host, 4, 1013, str(std::string(121, 'a') + "é")), DGM_OK);
    EXPECT_EQ(session->close(hooks.host, 4, 1000, str(std::string(120, 'a') + "😀")), DGM_OK);
  });
  ASSERT_EQ(services.closes.size(), 3u);
  EXPECT_EQ(services.closes[0].second, std::string(122, 'a'));
  EXPECT_EQ(services.closes[1].second, std::string(121, 'a') + "é");
  EXPECT_EQ(services.closes[2].second, std::string(120, 'a'));
}

TEST_F(HostTablesTest, PublishAndEmit) {
  dgm_event event{};
  event.size = sizeof event;
  event.key = str("k");
  event.sequence = 12;
  inside([&] {
    EXPECT_EQ(fanout->publish(hooks.host, &event), DGM_OK);
    EXPECT_EQ(fanout->emit(hooks.host, &event), DGM_E_DOMAIN);
  });
  EXPECT_THAT(services.calls, ElementsAre("publish k"));
  EXPECT_THAT(services.sequences, ElementsAre(0u));
  make(DGM_CONFIG_HOME, false);
  inside([&] { EXPECT_EQ(fanout->emit(hooks.host, &event), DGM_OK); });
  EXPECT_THAT(services.calls, ElementsAre("publish k", "emit k"));
}

TEST_F(HostTablesTest, NotInsideSelectOrEncode) {
  dgm_event event{};
  event.size = sizeof event;
  hooks.select = [&](const dgm_subscription*, std::size_t, std::uint64_t*) {
    EXPECT_EQ(session->send(hooks.host, 4, DGM_TEXT, str("x")), DGM_E_DOMAIN);
    hooks.api->log(hooks.host, 4, DGM_LOG_WARN, str("from select"));
  };
  hooks.encode = [&](std::uint64_t, dgm_writer&) -> dgm_status {
    EXPECT_EQ(fanout->publish(hooks.host, &event), DGM_E_DOMAIN);
    return DGM_SKIP;
  };
  const dgm_subscription sub{};
  std::uint64_t variant = 0;
  Writer writer(10);
  instance->select(event, &sub, 1, &variant);
  instance->encode(event, 0, writer);
  EXPECT_TRUE(services.calls.empty());
  EXPECT_THAT(services.logs(), ElementsAre("3 from select"));
  EXPECT_EQ(instance->violations(), 2u);
}

TEST_F(HostTablesTest, NotFromAnotherThread) {
  inside([&] {
    std::thread([&] {
      EXPECT_EQ(session->send(hooks.host, 4, DGM_TEXT, str("x")), DGM_E_DOMAIN);
      EXPECT_EQ(timer->start(
                    hooks.host, 0, 1, [](void*, dgm_status) {}, nullptr, nullptr),
                DGM_E_DOMAIN);
      metrics->add(hooks.host, 0, 1);
      hooks.api->log(hooks.host, 0, 99, str("from a thread"));
    }).join();
  });
  EXPECT_TRUE(services.calls.empty());
  EXPECT_EQ(instance->violations(), 3u);
  EXPECT_THAT(services.logs(), ElementsAre("2 from a thread"));
}

TEST_F(HostTablesTest, TheRegistryIsAskedWithFlagsThatItKnows) {
  const auto* const registry = ask<dgm_host_registry>(hooks, DGM_EXT_REGISTRY);
  ASSERT_TRUE(registry);
  const dgm_registry_done done = [](void*, dgm_status, const dgm_registered*, std::size_t, std::int32_t) {};
  inside([&] {
    EXPECT_EQ(registry->list(hooks.host, 7, str("g"), 0, done, nullptr), DGM_OK);
    EXPECT_EQ(registry->list(hooks.host, 7, {}, DGM_REGISTRY_ALL | DGM_REGISTRY_LOCAL, done, nullptr), DGM_OK);
    EXPECT_EQ(registry->find(hooks.host, 0, str("i"), DGM_REGISTRY_LOCAL, done, nullptr), DGM_OK);
    EXPECT_EQ(registry->list(hooks.host, 7, str("g"), 4, done, nullptr), DGM_E_INVALID);
    EXPECT_EQ(registry->find(hooks.host, 0, str("i"), DGM_REGISTRY_ALL, done, nullptr), DGM_E_INVALID);
  });
  EXPECT_THAT(services.calls, ElementsAre("list 7 g 0", "list 7  3", "find 0 i 2"));
}

TEST_F(HostTablesTest, FeedsAreCollectedWhileItIsSetUp) {
  hooks.configure = [&](const dgm_config&, dgm_writer&) {
    return fanout->feed(hooks.host, str("xivo"), str("calls.#"));
  };
  hooks.start = [&] { return fanout->feed(hooks.host, str(""), str("#")); };
  make(DGM_CONFIG_HOME, false);
  ASSERT_EQ(instance->feeds().size(), 2u);
  EXPECT_EQ(instance->feeds()[0].channel, "xivo");
  EXPECT_EQ(instance->feeds()[1].pattern, "#");
  inside([&] { EXPECT_EQ(fanout->feed(hooks.host, str("c"), str("#")), DGM_E_DOMAIN); });
  EXPECT_EQ(instance->feeds().size(), 2u);
}

TEST_F(HostTablesTest, FeedsNeedMap) {
  plugin->dialect->map = nullptr;
  dgm_status status = DGM_OK;
  hooks.configure = [&](const dgm_config&, dgm_writer&) -> dgm_status {
    status = fanout->feed(hooks.host, str("c"), str("#"));
    return DGM_OK;
  };
  make(0, false);
  EXPECT_EQ(status, DGM_E_INVALID);
}

TEST_F(HostTablesTest, CountersAreRegisteredInConfigureOnly) {
  std::uint32_t index = 99;
  hooks.configure = [&](const dgm_config&, dgm_writer&) -> dgm_status {
    std::uint32_t other = 0;
    EXPECT_EQ(metrics->counter(hooks.host, str("replies"), str("Replies sent."), &index), DGM_OK);
    EXPECT_EQ(metrics->counter(hooks.host, str("replies"), str(""), &other), DGM_E_INVALID);
    EXPECT_EQ(metrics->counter(hooks.host, str("Replies"), str(""), &other), DGM_E_INVALID);
    EXPECT_EQ(metrics->counter(hooks.host, str(std::string(65, 'a')), str(""), &other), DGM_E_INVALID);
    EXPECT_EQ(metrics->counter(hooks.host, {nullptr, 1}, str(""), &other), DGM_E_INVALID);
    EXPECT_EQ(metrics->counter(hooks.host, str("x"), str(""), nullptr), DGM_E_INVALID);
    for (int i = 1; i < 32; ++i)
      EXPECT_EQ(metrics->counter(hooks.host, str(std::string(static_cast<std::size_t>(i), 'c')), str(""), &other),
                DGM_OK);
    EXPECT_EQ(metrics->counter(hooks.host, str("one_more"), str(""), &other), DGM_E_DROPPED);
    return DGM_OK;
  };
  hooks.start = [&]() -> dgm_status {
    std::uint32_t other = 0;
    EXPECT_EQ(metrics->counter(hooks.host, str("late"), str(""), &other), DGM_E_DOMAIN);
    return DGM_OK;
  };
  make(0, false);
  ASSERT_EQ(instance->counters().size(), 32u);
  EXPECT_EQ(instance->counters()[0]->name, "replies");
  EXPECT_EQ(instance->counters()[0]->help, "Replies sent.");
  hooks.select = [&](const dgm_subscription*, std::size_t, std::uint64_t*) { metrics->add(hooks.host, index, 3); };
  instance->select(dgm_event{}, nullptr, 0, nullptr);
  inside([&] {
    metrics->add(hooks.host, index, 2);
    metrics->add(hooks.host, 32, 2);
  });
  EXPECT_EQ(instance->counters()[0]->value.value(), 5u);
}

TEST_F(HostTablesTest, ServicesThatThrowDoNotReachThePlugin) {
  struct Throwing : FakeServices {
    dgm_status send(dgm_session, int32_t, std::string_view) override { throw std::bad_alloc(); }
    void log(dgm_session, int, std::string_view) override { throw std::bad_alloc(); }
  } throwing;
  InstanceOptions options;
  options.mount = "m";
  Instance other(plugin, throwing, options);
  ASSERT_EQ(other.create(), "");
  ASSERT_EQ(other.configure(0, "{}"), "");
  ASSERT_EQ(other.start(), "");
  hooks.message = [&](std::string_view) {
    hooks.api->log(hooks.host, 0, DGM_LOG_INFO, str("x"));
    return session->send(hooks.host, 1, DGM_TEXT, str("x"));
  };
  EXPECT_EQ(other.session_message(1, nullptr, DGM_TEXT, ""), DGM_E_INTERNAL);
  hooks.message = [&](std::string_view) { return session->pause(hooks.host, 1); };
  EXPECT_EQ(other.session_message(1, nullptr, DGM_TEXT, ""), DGM_OK);
}

using HostTablesDeathTest = HostTablesTest;

TEST_F(HostTablesDeathTest, StrictModeAbortsAndNamesPluginFunctionAndReason) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        make(0, true);
        inside([&] { session->close(hooks.host, 4, 1006, str("x")); });
      },
      "dragoman: plugin test broke the contract: close: the code must not be sent in a close frame .mount m, inside "
      "session_message.");
}

}  // namespace
}  // namespace dragoman::plugin
