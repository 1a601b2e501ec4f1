// SPDX-License-Identifier: Apache-2.0
// What a reload has done, or why it has done nothing.
#pragma once
#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "config/difference.hpp"

namespace dragoman::gateway {

struct ReloadEntry {
  std::string kind;  // "listener", "bus", "journal", "upstream", "authenticator", "mount", "translation"
  std::string name;
  std::string change;        // "kept", "added", "changed", "upgraded", "removed"
  std::size_t sessions = 0;  // of a mount or listener: that stay if it is kept, otherwise that are left to end
  std::string note;          // what else there is to know; may be empty
};

struct ReloadReport {
  std::vector<std::string> errors;  // sentences; not empty: nothing has changed
  std::vector<ReloadEntry> entries;
};

// Adds what is no longer there.
void report_removed(ReloadReport& report, const char* kind, const config::Changes& changes);
// As the admin API shows it.
boost::json::object to_json(const ReloadReport& report);
// One line for each entry that is not kept, and one in sum; or one for each error.
void log_report(const ReloadReport& report);

}  // namespace dragoman::gateway
