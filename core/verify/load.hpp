// SPDX-License-Identifier: Apache-2.0
// The file by itself: who may write it, what it exports, its entry. In a process of its own.
#pragma once
#include <chrono>
#include <string>

#include "verify/report.hpp"
#include "verify/trial.hpp"

namespace dragoman::verify {

// False: nothing further can be tried.
bool load(const std::string& file, std::chrono::seconds patience, const std::string& directory, Report& report,
          Facts& facts);

}  // namespace dragoman::verify
