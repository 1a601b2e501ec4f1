// SPDX-License-Identifier: Apache-2.0
// Dialects for the tests of the fake host: a name and an entry for a class that says only what it is about.
#pragma once
#include <dragoman/sdk.hpp>
#include <dragoman/testing/fake_host.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace dragoman::testing {

struct Plain {
  static constexpr const char* name = "plain";
  static constexpr const char* version = "1.0.0";
  static constexpr const char* settings_schema = "{}";
  struct Session {};
  explicit Plain(sdk::Host h) : host(h) {}
  void open(sdk::Client client, Session&, const sdk::Open&) { client.subscribe("news", "#", false); }
  void message(sdk::Client client, Session&, sdk::Opcode opcode, std::string_view text) { client.send(opcode, text); }
  sdk::Host host;
};

template <class D>
inline const dgm_plugin_entry entry_of = {
    DGM_ENTRY_MAGIC, sizeof(dgm_plugin_entry), DGM_ABI_MAJOR,     DGM_ABI_MINOR, DGM_ABI_MINOR, 0, D::name,
    D::version,      D::settings_schema,       &sdk::Glue<D>::api};

}  // namespace dragoman::testing
