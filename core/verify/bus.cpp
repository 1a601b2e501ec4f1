// SPDX-License-Identifier: Apache-2.0
// A bus or a journal without clients: it runs beside the gateway, takes events or says that it cannot, and stops.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "verify/scenarios.hpp"

namespace dragoman::verify {

void try_bus(Trial& trial, Report& report) {
  unsigned odd = 0;
  for (int i = 0; i < 20; ++i) {
    const unsigned status = trial.publish({{"channel", "verify"}, {"key", fmt::format("a.{}", i)}, {"body", "{}"}});
    // Taken, not for this bus, or not there: each is an answer.
    if (status != 200 && status != 400 && status != 422 && status != 503 && status != 429) odd = status ? status : 1;
  }
  if (const std::string trouble = trial.trouble(false); !trouble.empty())
    report.fail("publishing", trouble, "Run `dragoman serve --strict` with it under a debugger.");
  else if (odd)
    report.fail(
        "publishing", odd == 1 ? "there was no answer within 10 s" : fmt::format("the answer is {}", odd),
        "publish() answers at once, and completes every event: with DGM_E_UNAVAILABLE while there is no broker.");
  else
    report.pass("publishing");
  if (const std::string wrong = trial.stop(); !wrong.empty())
    report.fail("shutdown", wrong, "stop() ends the plugin's threads, also while the broker is away, and soon.");
  else
    report.pass("shutdown");
}

}  // namespace dragoman::verify
