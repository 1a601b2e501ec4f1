// SPDX-License-Identifier: Apache-2.0
#include "verify/verify.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/json.hpp>

#include "verify/directory.hpp"
#include "verify/load.hpp"
#include "verify/scenarios.hpp"

namespace dragoman::verify {
namespace {

namespace json = boost::json;

constexpr const char* stranger = "dragoman_verify_plugin";

bool settings_are_taken(const Options& options, Trial& trial, Report& report) {
  bool ended = true;
  const std::string why = trial.check(options.settings, &ended);
  if (why.empty()) return report.pass("settings"), true;
  report.fail("settings", why,
              !ended ? "Say --keep DIRECTORY, and then repeat it in a debugger: gdb --args dragoman check "
                       "DIRECTORY/dragoman.yaml."
              : options.settings.empty() ? "If it needs settings, give a file with them: verify-plugin FILE SETTINGS."
                                         : "Mend the settings, or configure() if they are right.");
  return false;
}

void unknown_settings_are_refused(const Options& options, Trial& trial, Report& report) {
  json::object settings = options.settings;
  settings[stranger] = 1;
  const std::string why = trial.check(settings);
  if (why.empty())
    report.fail("unknown settings", "a setting that nobody knows is taken without a word",
                "Say \"additionalProperties\": false in the settings schema, so that a slip of an admin is found.");
  else if (why.find(stranger) == std::string::npos)
    report.fail("unknown settings", why, "Leave the check of unknown settings to the schema: it names them.");
  else
    report.pass("unknown settings");
}

// Also at once after the start, when nothing is connected yet.
void stops(Trial& trial, Report& report) {
  for (const char* const scenario : {"shutdown", "restart and shutdown at once"}) {
    std::string wrong = trial.gone() ? std::string() : trial.stop();
    if (wrong.empty() && scenario[0] == 'r') {
      wrong = trial.start();
      if (wrong.empty()) wrong = trial.stop();
    }
    if (!wrong.empty())
      return report.fail(scenario, wrong,
                         "stop() ends the plugin's threads, also while what it talks to is away, and soon.");
    report.pass(scenario);
  }
}

}  // namespace

Report verify(const Options& options) {
  Report report;
  report.file = options.file;
  report.seed = options.seed;
  // Settings have passwords in them, and logs may.
  ::umask(077);
  const Directory directory(options.keep);
  Facts facts;
  if (!load(options.file, options.patience, directory.path(), report, facts)) return report;
  Trial trial(options, facts, directory.path());
  if (!settings_are_taken(options, trial, report)) return report;
  unknown_settings_are_refused(options, trial, report);
  if (facts.has("dgm.journal/1") && !try_journal(options, directory.path(), report)) return report;
  if (const std::string why = trial.start(); !why.empty()) {
    report.fail("start", why, "What start() answers, or does, keeps the gateway from starting.");
    return report;
  }
  report.pass("start");
  if (facts.has("dgm.dialect/1")) {
    try_dialect(options, facts, trial, report);
  } else {
    if (facts.has("dgm.bus/1")) try_bus(options, trial, report);
    stops(trial, report);
  }
  return report;
}

}  // namespace dragoman::verify
