// SPDX-License-Identifier: Apache-2.0
// What is tried with a plugin of each role, once it loads and takes its settings.
#pragma once
#include "verify/report.hpp"
#include "verify/trial.hpp"

namespace dragoman::verify {

void try_dialect(const Options& options, const Facts& facts, Trial& trial, Report& report);
void try_bus(Trial& trial, Report& report);
// In this process: the caller has made one for it. What is wrong, or nothing.
void try_journal(const Options& options, const std::string& directory, Report& report);

}  // namespace dragoman::verify
