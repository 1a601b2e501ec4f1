// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "verify/scenarios.hpp"

namespace dragoman::verify {

void judge_hooks(Trial& trial, Report& report) {
  const std::string text = trial.metrics();
  const auto value = [&](const std::string& counter, const std::string& hook) {
    double sum = 0;
    for (const auto& line : lines_with(text, counter + "{", 1000))
      if (line.find("hook=\"" + hook + "\"") != std::string::npos) sum += std::atof(line.c_str() + line.rfind(' '));
    return sum;
  };
  std::string slow, failed;
  for (const auto& line : lines_with(text, "dragoman_plugin_calls_total{", 1000)) {
    const std::size_t at = line.find("hook=\"");
    if (at == std::string::npos) continue;
    const std::string hook = line.substr(at + 6, line.find('"', at + 6) - at - 6);
    const double calls = value("dragoman_plugin_calls_total", hook),
                 late = value("dragoman_plugin_slow_calls_total", hook);
    // A busy machine makes single calls late; a hook that blocks is late as a rule.
    if (late > 5 && late * 2 > calls && slow.find(hook) == std::string::npos)
      slow += fmt::format("{}{}: {} of {} calls took longer than 25 ms", slow.empty() ? "" : "; ", hook, late, calls);
    const double errors = value("dragoman_plugin_errors_total", hook);
    if (errors > 0 && failed.find(hook) == std::string::npos)
      failed += fmt::format("{}{}: {} of {} calls failed", failed.empty() ? "" : "; ", hook, errors, calls);
  }
  const double deliveries = trial.metric("dragoman_deliveries_total");
  if (deliveries > 0)
    report.pass("events reach clients", fmt::format("{} deliveries", deliveries));
  else
    report.skip("events reach clients", "no event was for any session, so select() and encode() were not tried",
                "Say --send with a message that subscribes to the channel \"news\", or to that of an --event.");
  if (slow.empty())
    report.pass("slow hooks");
  else
    report.fail("slow hooks", slow,
                "A hook blocks every client of its shard: let upstreams, the journal or timers answer later.");
  if (failed.empty())
    report.pass("failed hooks");
  else
    report.fail("failed hooks", failed,
                "An error status or an exception counts as a fault of the plugin; the log of `dragoman serve` has its "
                "text. encode() answers DGM_SKIP, and the SDK's false, for what a client shall not get.");
}

}  // namespace dragoman::verify
