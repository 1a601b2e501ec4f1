// SPDX-License-Identifier: Apache-2.0
#include "plugin/instance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "fake_services.hpp"
#include "test_plugin.hpp"

namespace dragoman::plugin {
namespace {

using testing::HasSubstr;

class InstanceTest : public testing::Test {
 protected:
  void SetUp() override { make(false, 100); }
  void make(bool strict, std::uint32_t slow_ms) {
    InstanceOptions options;
    options.mount = "m";
    options.strict = strict;
    options.slow_call_ms = slow_ms;
    instance.reset();
    instance = std::make_unique<Instance>(plugin, services, options);
  }
  void bring_up() {
    ASSERT_EQ(instance->create(), "");
    ASSERT_EQ(instance->configure(0, "{}"), "");
    ASSERT_EQ(instance->start(), "");
  }

  TestHooks hooks;
  FakeServices services;
  std::shared_ptr<Plugin> plugin = test_plugin(hooks);
  std::unique_ptr<Instance> instance;
};

TEST_F(InstanceTest, LifeInOrder) {
  std::string order;
  hooks.configure = [&](const dgm_config& config, dgm_writer&) -> dgm_status {
    EXPECT_EQ(config.size, sizeof config);
    EXPECT_EQ(config.flags, std::uint32_t{DGM_CONFIG_HOME | DGM_CONFIG_PLAIN});
    EXPECT_EQ(view(config.mount), "m");
    EXPECT_EQ(view(config.settings), R"({"a":1})");
    order += "configure ";
    return DGM_OK;
  };
  hooks.start = [&]() -> dgm_status { return order += "start ", DGM_OK; };
  hooks.stop = [&] { order += "stop "; };
  hooks.destroy = [&] { order += "destroy "; };
  ASSERT_EQ(instance->create(), "");
  ASSERT_EQ(instance->configure(DGM_CONFIG_HOME | DGM_CONFIG_PLAIN, R"({"a":1})"), "");
  ASSERT_EQ(instance->start(), "");
  instance->stop();
  instance->stop();
  instance->destroy();
  instance.reset();
  EXPECT_EQ(order, "configure start stop destroy ");
}

TEST_F(InstanceTest, OutOfOrderIsRefused) {
  EXPECT_NE(instance->configure(0, "{}"), "");
  EXPECT_NE(instance->start(), "");
  instance->stop();
  ASSERT_EQ(instance->create(), "");
  EXPECT_NE(instance->create(), "");
}

TEST_F(InstanceTest, ConfigureSaysWhy) {
  ASSERT_EQ(instance->create(), "");
  hooks.configure = [](const dgm_config&, dgm_writer& why) -> dgm_status {
    const std::string text = "mode: must be \"topic\"\n\x1b[2J";
    if (why.grow(&why, text.size()) < 0) return DGM_E_INTERNAL;
    std::memcpy(why.ptr, text.data(), text.size());
    why.len = text.size();
    return DGM_E_INVALID;
  };
  EXPECT_EQ(instance->configure(0, "{}"),
            R"(plugin test refuses its settings (mount m): mode: must be "topic"\n\x1b[2J)");
}

TEST_F(InstanceTest, ConfigureWithoutAReason) {
  ASSERT_EQ(instance->create(), "");
  hooks.configure = [](const dgm_config&, dgm_writer&) -> dgm_status { return DGM_E_UNSUPPORTED; };
  EXPECT_EQ(instance->configure(0, "{}"),
            "plugin test refuses its settings (mount m): it gave no reason (DGM_E_UNSUPPORTED, -4)");
}

TEST_F(InstanceTest, ExceptionsBecomeSentencesInControlHooks) {
  ASSERT_EQ(instance->create(), "");
  hooks.configure = [](const dgm_config&, dgm_writer&) -> dgm_status { throw std::runtime_error("no moon"); };
  EXPECT_EQ(instance->configure(0, "{}"), "plugin test failed while it read its settings (mount m): no moon");
  EXPECT_EQ(instance->hook(Hook::configure).errors.value(), 1u);
}

TEST_F(InstanceTest, HooksReachThePlugin) {
  bring_up();
  std::string seen;
  hooks.open = [&](dgm_session session) -> dgm_status {
    return seen += "open" + std::to_string(session), DGM_PRESSURE;
  };
  hooks.message = [&](std::string_view text) -> dgm_status { return seen += text, DGM_OK; };
  hooks.writable = [&] { seen += "writable"; };
  hooks.identity = [&](int32_t why) { seen += "identity" + std::to_string(why); };
  hooks.close = [&](std::uint16_t code) { seen += "close" + std::to_string(code); };
  hooks.map = [&](const dgm_event& event) -> dgm_status { return seen += view(event.key), DGM_OK; };
  void* state = nullptr;
  EXPECT_EQ(instance->session_open(3, dgm_open{}, &state), DGM_PRESSURE);
  EXPECT_EQ(instance->session_message(3, state, DGM_TEXT, " hello "), DGM_OK);
  instance->session_writable(3, state);
  instance->session_identity(3, state, dgm_identity{}, DGM_IDENTITY_EXPIRED);
  dgm_event event{};
  event.key = str(" key ");
  EXPECT_EQ(instance->map(event), DGM_OK);
  instance->session_close(3, state, 1006, {});
  EXPECT_EQ(seen, "open3 hello writableidentity2 key close1006");
  EXPECT_EQ(instance->hook(Hook::session_message).calls.value(), 1u);
  EXPECT_EQ(instance->hook(Hook::session_message).errors.value(), 0u);
}

TEST_F(InstanceTest, SelectPresetsVariantsAndSkipsAllAfterAnException) {
  bring_up();
  const dgm_subscription subs[2] = {{1, nullptr, 10, 0}, {2, nullptr, 20, 0}};
  std::uint64_t variants[2] = {};
  hooks.select = [](const dgm_subscription*, std::size_t, std::uint64_t* v) { v[1] = DGM_VARIANT_SKIP; };
  instance->select(dgm_event{}, subs, 2, variants);
  EXPECT_EQ(variants[0], 10u);
  EXPECT_EQ(variants[1], DGM_VARIANT_SKIP);
  hooks.select = [](const dgm_subscription*, std::size_t, std::uint64_t*) { throw 1; };
  instance->select(dgm_event{}, subs, 2, variants);
  EXPECT_EQ(variants[0], DGM_VARIANT_SKIP);
  EXPECT_EQ(instance->hook(Hook::select).errors.value(), 1u);
}

TEST_F(InstanceTest, EncodeAnswers) {
  bring_up();
  Writer writer(100);
  hooks.encode = [](std::uint64_t variant, dgm_writer& w) -> dgm_status {
    if (variant == 1) return DGM_SKIP;
    if (variant == 2) return DGM_E_INTERNAL;
    if (variant == 3) throw std::runtime_error("x");
    if (w.grow(&w, 2) < 0) return DGM_E_INTERNAL;
    std::memcpy(w.ptr, variant >= 4 ? "\xff\xfe" : "ok", 2);
    if (variant == 5) w.opcode = DGM_BINARY;
    w.len = 2;
    return DGM_OK;
  };
  EXPECT_EQ(instance->encode(dgm_event{}, 0, writer), DGM_OK);
  EXPECT_EQ(writer.text(), "ok");
  EXPECT_EQ(instance->encode(dgm_event{}, 1, writer), DGM_SKIP);
  EXPECT_EQ(instance->encode(dgm_event{}, 2, writer), DGM_E_INTERNAL);
  EXPECT_EQ(instance->encode(dgm_event{}, 3, writer), DGM_E_INTERNAL);
  EXPECT_EQ(instance->encode(dgm_event{}, 4, writer), DGM_E_INVALID);  // no text
  EXPECT_EQ(instance->encode(dgm_event{}, 5, writer), DGM_OK);
  EXPECT_EQ(instance->hook(Hook::encode).errors.value(), 3u);
  EXPECT_EQ(instance->violations(), 0u);
}

TEST_F(InstanceTest, AbsentHooks) {
  plugin->dialect->map = nullptr;
  plugin->dialect->select = nullptr;
  plugin->dialect->encode = nullptr;
  plugin->dialect->session_identity = nullptr;
  plugin->dialect->session_writable = nullptr;
  make(false, 100);
  EXPECT_FALSE(instance->has_map() || instance->has_select() || instance->has_encode() || instance->has_identity());
  bring_up();
  instance->session_writable(1, nullptr);
  instance->session_identity(1, nullptr, dgm_identity{}, 1);
  EXPECT_EQ(instance->hook(Hook::session_writable).calls.value(), 0u);
}

TEST_F(InstanceTest, SlowHooksAreCountedAndNamedOncePerSecond) {
  make(false, 1);
  bring_up();
  hooks.message = [](std::string_view) -> dgm_status {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    return DGM_OK;
  };
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) instance->session_message(1, nullptr, DGM_TEXT, "x");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_GE(instance->hook(Hook::session_message).slow.value(), 5u);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
  EXPECT_THAT(log, HasSubstr("level=warn msg=\"slow plugin call\" mount=m plugin=test hook=session_message ms="));
}

TEST_F(InstanceTest, CompletionsAreGuarded) {
  bring_up();
  int seen = 0;
  instance->timer_done([](void* user, dgm_status status) { *static_cast<int*>(user) = status; }, &seen, DGM_E_CANCELED);
  EXPECT_EQ(seen, DGM_E_CANCELED);
  instance->auth_done([](void*, dgm_status, const dgm_identity*, dgm_str) { throw 1; }, nullptr, DGM_E_DENIED, nullptr,
                      "no");
  EXPECT_EQ(instance->hook(Hook::auth_done).errors.value(), 1u);
}

TEST_F(InstanceTest, TheHostCallingBackInsideACallIsNoticed) {
  struct Calling : FakeServices {
    Instance* instance = nullptr;
    dgm_status send(dgm_session, int32_t, std::string_view) override {
      instance->session_close(1, nullptr, 1000, {});
      return DGM_OK;
    }
  } calling;
  InstanceOptions options;
  options.mount = "m";
  Instance other(plugin, calling, options);
  calling.instance = &other;
  ASSERT_EQ(other.create(), "");
  ASSERT_EQ(other.configure(0, "{}"), "");
  ASSERT_EQ(other.start(), "");
  dgm_status inner = DGM_OK;
  const auto* table = ask<dgm_host_session>(hooks, DGM_EXT_SESSION);
  hooks.message = [&](std::string_view) { return table->send(hooks.host, 1, DGM_TEXT, str("x")); };
  hooks.close = [&](std::uint16_t) { inner = table->send(hooks.host, 1, DGM_TEXT, str("y")); };
  EXPECT_EQ(other.session_message(1, nullptr, DGM_TEXT, ""), DGM_OK);
  EXPECT_EQ(inner, DGM_E_DOMAIN);
  EXPECT_EQ(other.violations(), 2u);
}

}  // namespace
}  // namespace dragoman::plugin
