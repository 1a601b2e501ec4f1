// SPDX-License-Identifier: Apache-2.0
#include "gateway/reload_report.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/log.hpp"

namespace dragoman::gateway {

void report_removed(ReloadReport& report, const char* kind, const config::Changes& changes) {
  for (const auto& [name, change] : changes)
    if (change == config::Change::removed) report.entries.push_back({kind, name, config::name(change), 0, {}});
}

boost::json::object to_json(const ReloadReport& report) {
  if (!report.errors.empty()) {
    boost::json::array errors;
    for (const auto& error : report.errors) errors.emplace_back(error);
    return {{"error", "the configuration is refused; nothing has changed"}, {"errors", std::move(errors)}};
  }
  boost::json::array changes;
  for (const auto& entry : report.entries) {
    boost::json::object change{{"kind", entry.kind}, {"name", entry.name}, {"change", entry.change}};
    if (entry.kind == "mount" || entry.kind == "listener") change["sessions"] = entry.sessions;
    if (!entry.note.empty()) change["note"] = entry.note;
    changes.push_back(std::move(change));
  }
  return {{"changes", std::move(changes)}};
}

void log_report(const ReloadReport& report) {
  for (const auto& error : report.errors)
    base::log(base::LogLevel::error, "reload refused, nothing has changed", {{"why", error}});
  if (!report.errors.empty()) return;
  const auto kept = [](const ReloadEntry& entry) { return entry.change == "kept"; };
  for (const auto& entry : report.entries)
    if (!kept(entry) || !entry.note.empty())
      base::log(
          base::LogLevel::info, "reload",
          {{entry.kind, entry.name}, {"change", entry.change}, {"sessions", entry.sessions}, {"note", entry.note}});
  base::log(base::LogLevel::info, "reloaded",
            {{"kept", std::count_if(report.entries.begin(), report.entries.end(), kept)},
             {"changes", std::count_if(report.entries.begin(), report.entries.end(), std::not_fn(kept))}});
}

}  // namespace dragoman::gateway
