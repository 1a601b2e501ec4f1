// SPDX-License-Identifier: Apache-2.0
#include "plugin/handshake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "base/log.hpp"
#include "config/mount_limits.hpp"
#include "plugin/call_board.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t version_limit = 64;
constexpr std::size_t schema_limit = 1u << 20;

struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class... T>
[[noreturn]] void refuse(fmt::format_string<T...> form, T&&... values) {
  throw Refusal(fmt::format(form, std::forward<T>(values)...));
}

std::string shown(std::string_view text) {
  std::string out;
  base::append_log_value(out, text);
  return out;
}

// A table of the plugin's in the newest form. Both sides only ever append, so zero means "not there".
template <class Table>
Table copy_table(const Table* from) {
  Table to{};
  const std::size_t size = std::min<std::size_t>(from->size, sizeof to);
  std::memcpy(static_cast<void*>(&to), from, size);
  return to;
}

std::string_view static_text(const char* text, std::size_t limit, const char* member) {
  if (!text) refuse("its entry has no {}; set the member {} of dgm_plugin_entry", member, member);
  const std::size_t length = ::strnlen(text, limit + 1);
  if (length > limit) refuse("the {} in its entry is longer than {} bytes; shorten it", member, limit);
  return {text, length};
}

dgm_plugin_entry copy_entry(const dgm_plugin_entry* from, PluginFile& file) {
  if (from->magic != DGM_ENTRY_MAGIC)
    refuse("its entry begins with 0x{:08x} where a plugin has the magic 0x{:08x}; build it with <dragoman/plugin.h>",
           from->magic, DGM_ENTRY_MAGIC);
  constexpr std::size_t head = offsetof(dgm_plugin_entry, reserved);
  if (from->size < head)
    refuse("its entry says it has {} bytes, but {} are needed; set size to sizeof(dgm_plugin_entry)", from->size,
           sizeof(dgm_plugin_entry));
  dgm_plugin_entry entry{};
  std::memcpy(&entry, from, std::min<std::size_t>(from->size, sizeof entry));
  file.abi = fmt::format("{}.{}", entry.abi_major, entry.abi_minor_needed);
  if (entry.abi_major != DGM_ABI_MAJOR)
    refuse("it needs ABI {}, this gateway has ABI {}.{}; install the build of the plugin for this gateway", file.abi,
           DGM_ABI_MAJOR, DGM_ABI_MINOR);
  if (from->size < sizeof entry)
    refuse("its entry says it has {} bytes, but {} are needed; set size to sizeof(dgm_plugin_entry)", from->size,
           sizeof entry);
  return entry;
}

void check_minor(const dgm_plugin_entry& entry, const PluginFile& file) {
  // Nothing is promised between minors of the major 0 (plugin.h, compatibility).
  if (entry.abi_minor_needed == DGM_ABI_MINOR && entry.abi_minor_built == DGM_ABI_MINOR) return;
  refuse(
      "it needs ABI {} and was built with ABI {}.{}, this gateway has ABI {}.{}, and before ABI 1.0 these must be "
      "equal; rebuild the plugin with this gateway's SDK",
      file.abi, entry.abi_major, entry.abi_minor_built, DGM_ABI_MAJOR, DGM_ABI_MINOR);
}

void need(bool present, const char* table, const char* member) {
  if (!present) refuse("its table {} has no {}, which is required; set the member {}", table, member, member);
}

const void* role(const Plugin& plugin, std::string_view id) {
  const CallMark mark("query()");
  try {
    return plugin.api.query({id.data(), id.size()});
  } catch (...) {
    refuse("its query() threw an exception, which must not cross the boundary; mend the plugin");
  }
}

void copy_roles(Plugin& plugin) {
  const auto* const dialect = static_cast<const dgm_dialect*>(role(plugin, DGM_EXT_DIALECT));
  const auto* const http = static_cast<const dgm_http*>(role(plugin, DGM_EXT_HTTP));
  const auto* const journal = static_cast<const dgm_journal*>(role(plugin, DGM_EXT_JOURNAL));
  const auto* const bus = static_cast<const dgm_bus*>(role(plugin, DGM_EXT_BUS));
  if (!dialect && !journal && !bus)
    refuse("it offers no role that this gateway knows ({}, {} or {}); install a plugin for this gateway",
           DGM_EXT_DIALECT, DGM_EXT_JOURNAL, DGM_EXT_BUS);
  if (dialect) {
    plugin.dialect = copy_table(dialect);
    need(plugin.dialect->session_open, DGM_EXT_DIALECT, "session_open");
    need(plugin.dialect->session_message, DGM_EXT_DIALECT, "session_message");
    need(plugin.dialect->session_close, DGM_EXT_DIALECT, "session_close");
    if (plugin.dialect->flags & DGM_DIALECT_MAP_FEEDS) need(plugin.dialect->map, DGM_EXT_DIALECT, "map");
    plugin.roles.emplace_back(DGM_EXT_DIALECT);
  }
  if (dialect && http) {
    plugin.http = copy_table(http);
    need(plugin.http->request, DGM_EXT_HTTP, "request");
    need(plugin.http->request_close, DGM_EXT_HTTP, "request_close");
    plugin.roles.emplace_back(DGM_EXT_HTTP);
  }
  if (bus) {
    plugin.bus = copy_table(bus);
    need(plugin.bus->watch, DGM_EXT_BUS, "watch");
    need(plugin.bus->publish, DGM_EXT_BUS, "publish");
    plugin.roles.emplace_back(DGM_EXT_BUS);
  }
  if (journal) {
    plugin.journal = copy_table(journal);
    const dgm_journal& table = *plugin.journal;
    const std::pair<const char*, bool> members[] = {{"open", table.open},
                                                    {"append", table.append},
                                                    {"trim", table.trim},
                                                    {"streams", table.streams},
                                                    {"measure", table.measure},
                                                    {"close", table.close},
                                                    {"reader_open", table.reader_open},
                                                    {"read", table.read},
                                                    {"count", table.count},
                                                    {"values", table.values},
                                                    {"reader_close", table.reader_close}};
    for (const auto& [member, present] : members) need(present, DGM_EXT_JOURNAL, member);
    plugin.roles.emplace_back(DGM_EXT_JOURNAL);
  }
}

// The schema of the settings, and what it says of limits and of settings that are exclusive.
void read_schema(std::string_view text, Plugin& plugin) {
  plugin.settings_schema = config::Schema::parse(text);
  const boost::json::value document = boost::json::parse({text.data(), text.size()});
  if (const boost::json::value* limits = document.as_object().if_contains("limits"))
    plugin.limits = config::check_limit_defaults(limits->get_object());
  if (const boost::json::value* exclusive = document.as_object().if_contains("exclusive")) {
    const boost::json::value* properties = document.as_object().if_contains("properties");
    for (const boost::json::value& name : exclusive->get_array()) {
      if (!properties || !properties->get_object().contains(name.get_string()))
        throw config::SchemaError("exclusive names a setting that is not among the properties");
      plugin.exclusive.emplace_back(name.get_string());
    }
  }
}

void shake_hands(const dgm_plugin_entry* from, PluginFile& file, Plugin& plugin) {
  if (!from) refuse("it has no entry");
  const dgm_plugin_entry entry = copy_entry(from, file);

  const std::string_view name = static_text(entry.name, 128, "name");
  if (!valid_plugin_name(name))
    refuse("its name {} is not of the form [a-z][a-z0-9_-]{{0,31}}; rename it", shown(name));
  file.name = plugin.name = name;
  const std::string_view version = static_text(entry.version, version_limit, "version");
  if (version.empty() || std::any_of(version.begin(), version.end(), [](char c) { return c < 0x20 || c > 0x7e; }))
    refuse("its version {} is not printable text; set the member version of dgm_plugin_entry", shown(version));
  file.version = plugin.version = version;
  check_minor(entry, file);

  if (!entry.api) refuse("its entry has no api; set the member api of dgm_plugin_entry");
  plugin.api = copy_table(entry.api);
  need(plugin.api.create, "dgm_plugin_api", "create");
  need(plugin.api.destroy, "dgm_plugin_api", "destroy");
  need(plugin.api.query, "dgm_plugin_api", "query");
  copy_roles(plugin);
  file.roles = plugin.roles;

  const std::string_view schema = static_text(entry.settings_schema, schema_limit, "settings_schema");
  try {
    read_schema(schema, plugin);
  } catch (const std::exception& e) {
    refuse("its settings_schema cannot be used: {}; mend the schema in the plugin", e.what());
  }
}

}  // namespace

bool valid_plugin_name(std::string_view name) {
  if (name.empty() || name.size() > 32 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

LoadResult validate(const dgm_plugin_entry* entry, std::string path, std::shared_ptr<void> library) {
  LoadResult result;
  result.file.path = path;
  auto plugin = std::make_shared<Plugin>();
  plugin->path = std::move(path);
  plugin->library = std::move(library);
  try {
    shake_hands(entry, result.file, *plugin);
    result.plugin = std::move(plugin);
  } catch (const Refusal& refusal) {
    const PluginFile& file = result.file;
    std::string who = "plugin";
    if (!file.name.empty()) who += fmt::format(" {}", file.name);
    if (!file.version.empty()) who += fmt::format(" {}", file.version);
    who += file.path.empty() ? std::string(" (linked in)") : fmt::format(" in {}", shown(file.path));
    result.file.refusal = fmt::format("{} is refused: {}.", who, refusal.what());
  }
  return result;
}

}  // namespace dragoman::plugin
