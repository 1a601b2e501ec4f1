// SPDX-License-Identifier: Apache-2.0
#include "verify/load.hpp"

#include <dragoman/plugin.h>
#include <fmt/format.h>

#include <boost/dll/library_info.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "config/files.hpp"
#include "plugin/call_board.hpp"
#include "plugin/loader.hpp"

namespace dragoman::verify {
namespace {

namespace json = boost::json;

void write_facts(const std::string& file, const std::string& to) {
  const plugin::LoadResult result = plugin::load_plugin(file);
  json::array roles(result.file.roles.begin(), result.file.roles.end());
  std::ofstream(to) << json::serialize(json::object{{"name", result.file.name},
                                                    {"version", result.file.version},
                                                    {"refusal", result.file.refusal},
                                                    {"roles", std::move(roles)}});
}

// What it exports beside the entry and the version node of the linker script.
std::string further_symbols(const std::string& file) {
  boost::dll::library_info info{std::filesystem::path(file)};
  std::string out;
  std::size_t count = 0;
  for (const auto& symbol : info.symbols()) {
    if (symbol == DGM_ENTRY_SYMBOL || symbol.starts_with("DRAGOMAN_PLUGIN_")) continue;
    if (++count <= 3) out += (out.empty() ? "" : ", ") + symbol;
  }
  return count > 3 ? fmt::format("{} and {} more", out, count - 3) : out;
}

}  // namespace

bool load(const std::string& file, std::chrono::seconds patience, const std::string& directory, Report& report,
          Facts& facts) {
  const std::string path = directory + "/facts.json", calls = directory + "/load.calls";
  Child child(
      [&] {
        plugin::keep_calls(calls);
        write_facts(file, path);
        return 0;
      },
      directory + "/load.log");
  const Ended end = child.wait(patience);
  if (end.code != 0) {
    report.fail(
        "load", end_of(end, calls) + "\n" + child.output(),
        "Nothing was said to it yet: `gdb --args dragoman plugins --plugins DIRECTORY`, with the directory that "
        "has it, repeats that.");
    return false;
  }
  const json::object said = json::parse(config::read_file(path, 1 << 20).text).as_object();
  report.name = facts.name = said.at("name").as_string();
  report.version = facts.version = said.at("version").as_string();
  for (const auto& role : said.at("roles").as_array()) facts.roles.emplace_back(role.as_string());
  report.roles = facts.roles;
  if (const auto& refusal = said.at("refusal").as_string(); !refusal.empty()) {
    report.fail("load", std::string(refusal),
                "The gateway says what to do; docs/plugin-abi.md tells of the handshake.");
    return false;
  }
  report.pass("load", fmt::format("{} {}", facts.name, facts.version));
  if (const std::string further = further_symbols(file); !further.empty())
    report.fail("symbols", "it exports more than its entry: " + further,
                "Link it with dragoman_add_plugin(), or with the version script that the SDK has (plugin.map): what "
                "two plugins export becomes one object.");
  else
    report.pass("symbols");
  return true;
}

}  // namespace dragoman::verify
