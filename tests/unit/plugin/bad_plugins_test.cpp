// SPDX-License-Identifier: Apache-2.0
// Every plugin of the gallery tests/plugins/bad is refused, or contained, with its own sentence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "fake_services.hpp"
#include "plugin/instance.hpp"
#include "plugin/loader.hpp"

namespace dragoman::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string file(const std::string& name) {
  return std::string(BAD_PLUGINS) + "/" + name + ".so";
}

struct BadPlugin {
  const char* name;
  const char* sentence;  // a part of it
};

// How gtest names the case.
void PrintTo(const BadPlugin& bad, std::ostream* out) {
  *out << bad.name;
}

const BadPlugin gallery[] = {
    {"not_a_library", "is refused: it is not a shared library but a file of another kind; "},
    {"no_entry",
     "is refused: it has no symbol dgm_plugin_entry_v0, so it is not a plugin for ABI 0.1; export the entry or "
     "move the file away."},
    {"other_entry",
     "is refused: it has the entry dgm_plugin_entry_v7, this gateway (ABI 0.1) looks for "
     "dgm_plugin_entry_v0; install the build of the plugin for this gateway."},
    {"undefined_symbol", "function_that_nobody_has"},
    {"wrong_magic",
     "is refused: its entry begins with 0x12345678 where a plugin has the magic 0x44474d31; build it with "
     "<dragoman/plugin.h>."},
    {"other_major",
     "is refused: it needs ABI 9.3, this gateway has ABI 0.1; install the build of the plugin for this "
     "gateway."},
    {"other_minor",
     "is refused: it needs ABI 0.2 and was built with ABI 0.2, this gateway has ABI 0.1, and before ABI 1.0 "
     "these must be equal; rebuild the plugin with this gateway's SDK."},
    {"built_minor",
     "is refused: it needs ABI 0.1 and was built with ABI 0.6, this gateway has ABI 0.1, and before ABI 1.0 "
     "these must be equal; rebuild the plugin with this gateway's SDK."},
    {"short_size", "is refused: its entry says it has 24 bytes, but "},
    {"null_api", "is refused: its entry has no api; set the member api of dgm_plugin_entry."},
    {"no_create", "is refused: its table dgm_plugin_api has no create, which is required; set the member create."},
    {"no_destroy", "is refused: its table dgm_plugin_api has no destroy, which is required; set the member destroy."},
    {"no_query", "plugin no-query 1.0.0 in "},
    {"short_api", "is refused: its table dgm_plugin_api has no query, which is required; set the member query."},
    {"bad_name", R"(is refused: its name "Bad Name\x1b[2J" is not of the form [a-z][a-z0-9_-]{0,31}; rename it.)"},
    {"null_name", "is refused: its entry has no name; set the member name of dgm_plugin_entry."},
    {"bad_version", R"(is refused: its version "" is not printable text; set the member version of dgm_plugin_entry.)"},
    {"null_schema",
     "is refused: its entry has no settings_schema; set the member settings_schema of dgm_plugin_entry."},
    {"schema_no_json", "is refused: its settings_schema cannot be used: "},
    {"schema_keyword", "maximumMood"},
    {"schema_exclusive", "exclusive names a setting that is not among the properties"},
    {"no_role",
     "is refused: it offers no role that this gateway knows (dgm.dialect/1, dgm.journal/1 or dgm.bus/1); install a "
     "plugin for "
     "this gateway."},
    {"dialect_without_open",
     "is refused: its table dgm.dialect/1 has no session_open, which is required; set the member "
     "session_open."},
};

class Gallery : public testing::TestWithParam<BadPlugin> {};

TEST_P(Gallery, IsRefusedWithItsSentence) {
  const LoadResult result = load_plugin(file(GetParam().name));
  EXPECT_FALSE(result);
  EXPECT_THAT(result.file.refusal, HasSubstr(GetParam().sentence));
  EXPECT_THAT(result.file.refusal, HasSubstr(file(GetParam().name)));
  EXPECT_EQ(result.file.refusal.back(), '.');
  EXPECT_EQ(result.file.path, file(GetParam().name));
}

INSTANTIATE_TEST_SUITE_P(Bad, Gallery, testing::ValuesIn(gallery),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(BadPlugins, NoTwoShareASentence) {
  std::set<std::string> sentences;
  for (const BadPlugin& bad : gallery) {
    std::string refusal = load_plugin(file(bad.name)).file.refusal;
    const std::size_t at = refusal.find("is refused: ");
    ASSERT_NE(at, std::string::npos) << refusal;
    // The missing query is the same defect whether the member is null or cut off.
    if (bad.name == std::string("short_api")) continue;
    EXPECT_TRUE(sentences.insert(refusal.substr(at)).second) << refusal;
  }
}

TEST(BadPlugins, ConstructorsOfStrayLibrariesNeverRun) {
  ::unsetenv("DRAGOMAN_STRAY_CONSTRUCTOR");
  EXPECT_FALSE(load_plugin(file("no_entry")));
  EXPECT_EQ(std::getenv("DRAGOMAN_STRAY_CONSTRUCTOR"), nullptr);
}

class BadInstance : public testing::Test {
 protected:
  void load(const std::string& name, std::uint32_t slow_ms = 1000) {
    LoadResult result = load_plugin(file(name));
    ASSERT_TRUE(result) << result.file.refusal;
    InstanceOptions options;
    options.mount = "bad";
    options.slow_call_ms = slow_ms;
    instance = std::make_unique<Instance>(result.plugin, services, options);
  }
  std::string bring_up(std::uint32_t flags = 0) {
    std::string wrong = instance->create();
    if (wrong.empty()) wrong = instance->configure(flags, "{}");
    if (wrong.empty()) wrong = instance->start();
    return wrong;
  }

  FakeServices services;
  std::unique_ptr<Instance> instance;
};

TEST_F(BadInstance, TheGoodOneWorks) {
  load("good");
  EXPECT_EQ(bring_up(), "");
}

TEST_F(BadInstance, CreateFails) {
  load("create_fails");
  EXPECT_EQ(bring_up(),
            "plugin create-fails cannot create an instance (mount bad): it gave no reason (DGM_E_UNAVAILABLE, -10)");
}

TEST_F(BadInstance, ConfigureFails) {
  load("configure_fails");
  EXPECT_EQ(bring_up(), R"(plugin configure-fails refuses its settings (mount bad): moon.phase: must be full\n)");
}

TEST_F(BadInstance, StartFails) {
  load("start_fails");
  EXPECT_EQ(bring_up(), "plugin start-fails cannot start (mount bad): it gave no reason (DGM_E_TIMEOUT, -6)");
}

TEST_F(BadInstance, ConfigureThrows) {
  load("throws");
  EXPECT_EQ(bring_up(DGM_CONFIG_CHECK),
            "plugin throws failed while it read its settings (mount bad): no settings today");
}

TEST_F(BadInstance, HooksThrow) {
  load("throws");
  ASSERT_EQ(bring_up(), "");
  void* state = nullptr;
  EXPECT_EQ(instance->session_open(1, dgm_open{}, &state), DGM_E_INTERNAL);
  EXPECT_EQ(instance->session_message(1, nullptr, DGM_TEXT, "x"), DGM_E_INTERNAL);
  instance->session_close(1, nullptr, 1000, {});
  const dgm_subscription sub{1, nullptr, 5, 0};
  std::uint64_t variant = 0;
  instance->select(dgm_event{}, &sub, 1, &variant);
  EXPECT_EQ(variant, DGM_VARIANT_SKIP);
  Writer writer(100);
  EXPECT_EQ(instance->encode(dgm_event{}, 5, writer), DGM_E_INTERNAL);
  for (const Hook hook : {Hook::session_open, Hook::session_message, Hook::session_close, Hook::select, Hook::encode})
    EXPECT_EQ(instance->hook(hook).errors.value(), 1u) << hook_name(hook);
  instance->destroy();
  EXPECT_EQ(instance->hook(Hook::destroy).errors.value(), 1u);
}

TEST_F(BadInstance, SlowHookIsNamed) {
  load("slow_hook", 10);
  ASSERT_EQ(bring_up(), "");
  testing::internal::CaptureStderr();
  instance->session_message(1, nullptr, DGM_TEXT, "x");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("plugin=slow-hook hook=session_message ms="));
  EXPECT_EQ(instance->hook(Hook::session_message).slow.value(), 1u);
}

TEST_F(BadInstance, CallsInTheWrongDomain) {
  load("wrong_domain");
  ASSERT_EQ(bring_up(), "");
  void* state = nullptr;
  instance->session_open(7, dgm_open{}, &state);
  instance->session_message(7, state, DGM_TEXT, "x");
  const dgm_subscription sub{7, nullptr, 5, 0};
  std::uint64_t variant = 0;
  dgm_event event{};
  event.size = sizeof event;
  instance->select(event, &sub, 1, &variant);
  Writer writer(100);
  instance->encode(event, 5, writer);
  EXPECT_THAT(services.logs(),
              ElementsAre("2 configure send -8", "2 open send 0", "2 open feed -8", "2 open counter -8",
                          "2 open emit -8", "2 thread send -8", "2 select send -8", "2 encode publish -8"));
  EXPECT_THAT(services.calls, ElementsAre("send 7 x"));
  EXPECT_EQ(instance->violations(), 7u);
}

TEST_F(BadInstance, WriterLeftBroken) {
  load("broken_writer");
  ASSERT_EQ(bring_up(), "");
  Writer writer(100);
  EXPECT_EQ(instance->encode(dgm_event{}, 0, writer), DGM_E_INTERNAL);
  EXPECT_EQ(instance->violations(), 1u);
}

}  // namespace
}  // namespace dragoman::plugin
