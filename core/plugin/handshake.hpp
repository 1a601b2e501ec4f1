// SPDX-License-Identifier: Apache-2.0
// From the entry object of a plugin to a Plugin, or to the sentence that says why not. The tables are copied once, cut
// or filled with zeros to the newest form, so nothing behind this file asks for versions or sizes.
#pragma once
#include <dragoman/ext/bus.h>
#include <dragoman/ext/dialect.h>
#include <dragoman/ext/http.h>
#include <dragoman/ext/journal.h>
#include <dragoman/plugin.h>

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.hpp"

namespace dragoman::plugin {

// A plugin that this gateway can use. Immutable: any thread.
struct Plugin {
  std::string name, version;
  std::string path;  // empty for one that is linked into the program
  std::vector<std::string> roles;
  config::Schema settings_schema;
  boost::json::object limits;  // what its mounts' limits are unless they are configured
  // Settings that a broker knows one client by: no two instances may have the same text in one of them.
  std::vector<std::string> exclusive;
  dgm_plugin_api api{};
  std::optional<dgm_dialect> dialect;
  std::optional<dgm_http> http;  // with a dialect only
  std::optional<dgm_journal> journal;
  std::optional<dgm_bus> bus;
  std::shared_ptr<void> library;  // keeps the handle; the code itself is never unmapped (RTLD_NODELETE)
};

// What is known of a plugin file, also of a refused one: as far as the handshake came.
struct PluginFile {
  std::string path, name, version;
  std::string abi;  // "major.minor"
  std::vector<std::string> roles;
  std::string refusal;  // a sentence for the admin; empty: accepted
};

struct LoadResult {
  PluginFile file;
  std::shared_ptr<const Plugin> plugin;  // null: see file.refusal
  explicit operator bool() const { return plugin != nullptr; }
};

// Checks and copies a plugin's entry, which must be a readable object of at least 8 bytes. `path` names it in the
// refusal. Any thread. The entry and all it points to must live as long as the program or the library.
LoadResult validate(const dgm_plugin_entry* entry, std::string path = {}, std::shared_ptr<void> library = {});

// [a-z][a-z0-9_-]{0,31}
bool valid_plugin_name(std::string_view name);

}  // namespace dragoman::plugin
