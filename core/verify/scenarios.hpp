// SPDX-License-Identifier: Apache-2.0
// What is tried with a plugin of each role, once it loads and takes its settings.
#pragma once
#include "verify/report.hpp"
#include "verify/trial.hpp"

namespace dragoman::verify {

void try_dialect(const Options& options, const Facts& facts, Trial& trial, Report& report);
// What the gateway has counted of the calls of a dialect that was tried.
void judge_hooks(Trial& trial, Report& report);
void try_bus(const Options& options, Trial& trial, Report& report);
// In processes of its own. False: the store took nothing that it should, so that nothing else is worth a try.
bool try_journal(const Options& options, const std::string& directory, Report& report);

}  // namespace dragoman::verify
