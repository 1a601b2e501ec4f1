// SPDX-License-Identifier: Apache-2.0
// A plugin inside the test program whose hooks are lambdas of the test.
#pragma once
#include <dragoman/ext/dialect.h>
#include <dragoman/plugin.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string_view>

#include "plugin/handshake.hpp"

namespace dragoman::plugin {

struct TestHooks {
  std::function<dgm_status(const dgm_config&, dgm_writer&)> configure;
  std::function<dgm_status()> start;
  std::function<void()> stop;
  std::function<void()> destroy;
  std::function<dgm_status(dgm_session)> open;
  std::function<dgm_status(std::string_view)> message;
  std::function<void()> writable;
  std::function<void(int32_t)> identity;
  std::function<void(std::uint16_t)> close;
  std::function<dgm_status(const dgm_event&)> map;
  std::function<void(const dgm_subscription*, std::size_t, std::uint64_t*)> select;
  std::function<dgm_status(std::uint64_t, dgm_writer&)> encode;
  const dgm_host_api* api = nullptr;
  dgm_host* host = nullptr;
};

// One test at a time.
inline TestHooks* test_hooks = nullptr;

inline dgm_plugin_api test_api() {
  dgm_plugin_api api{};
  api.size = sizeof api;
  api.create = [](const dgm_host_api* host_api, dgm_host* host, void** inst) -> dgm_status {
    test_hooks->api = host_api;
    test_hooks->host = host;
    *inst = test_hooks;
    return DGM_OK;
  };
  api.configure = [](void*, const dgm_config* config, dgm_writer* why) -> dgm_status {
    return test_hooks->configure ? test_hooks->configure(*config, *why) : dgm_status{DGM_OK};
  };
  api.start = [](void*) -> dgm_status { return test_hooks->start ? test_hooks->start() : dgm_status{DGM_OK}; };
  api.stop = [](void*) {
    if (test_hooks->stop) test_hooks->stop();
  };
  api.destroy = [](void*) {
    if (test_hooks->destroy) test_hooks->destroy();
  };
  return api;
}

inline dgm_dialect test_dialect() {
  dgm_dialect dialect{};
  dialect.size = sizeof dialect;
  dialect.session_open = [](void*, dgm_session session, const dgm_open*, void** state) -> dgm_status {
    *state = nullptr;
    return test_hooks->open ? test_hooks->open(session) : dgm_status{DGM_OK};
  };
  dialect.session_message = [](void*, dgm_session, void*, int32_t, dgm_str text) -> dgm_status {
    return test_hooks->message ? test_hooks->message({text.ptr, text.len}) : dgm_status{DGM_OK};
  };
  dialect.session_writable = [](void*, dgm_session, void*) {
    if (test_hooks->writable) test_hooks->writable();
  };
  dialect.session_identity = [](void*, dgm_session, void*, const dgm_identity*, int32_t why) {
    if (test_hooks->identity) test_hooks->identity(why);
  };
  dialect.session_close = [](void*, dgm_session, void*, std::uint16_t code, dgm_str) {
    if (test_hooks->close) test_hooks->close(code);
  };
  dialect.map = [](void*, const dgm_event* event) -> dgm_status {
    return test_hooks->map ? test_hooks->map(*event) : dgm_status{DGM_OK};
  };
  dialect.select = [](void*, const dgm_event*, const dgm_subscription* subs, std::size_t n, std::uint64_t* variants) {
    if (test_hooks->select) test_hooks->select(subs, n, variants);
  };
  dialect.encode = [](void*, const dgm_event*, std::uint64_t variant, dgm_writer* writer) -> dgm_status {
    return test_hooks->encode ? test_hooks->encode(variant, *writer) : dgm_status{DGM_OK};
  };
  return dialect;
}

inline std::shared_ptr<Plugin> test_plugin(TestHooks& hooks) {
  test_hooks = &hooks;
  auto plugin = std::make_shared<Plugin>();
  plugin->name = "test";
  plugin->version = "1";
  plugin->api = test_api();
  plugin->dialect = test_dialect();
  return plugin;
}

inline dgm_str str(std::string_view text) {
  return {text.data(), text.size()};
}

template <class Table>
const Table* ask(const TestHooks& hooks, const char* id) {
  return static_cast<const Table*>(hooks.api->query(hooks.host, str(id)));
}

}  // namespace dragoman::plugin
