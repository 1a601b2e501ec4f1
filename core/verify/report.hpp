// SPDX-License-Identifier: Apache-2.0
// What `dragoman verify-plugin` found.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace dragoman::verify {

enum class Outcome { pass, fail, skip };

struct Finding {
  std::string scenario;
  Outcome outcome = Outcome::pass;
  std::string what;    // was seen; may be empty for a pass
  std::string advice;  // what the author can do about a failure or a skip
};

struct Report {
  std::string file, name, version;
  std::vector<std::string> roles;
  std::uint64_t seed = 0;
  std::vector<Finding> findings;

  bool failed() const {
    return std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.outcome == Outcome::fail; });
  }
  void pass(std::string scenario, std::string what = {}) {
    findings.push_back({std::move(scenario), Outcome::pass, std::move(what), {}});
  }
  void fail(std::string scenario, std::string what, std::string advice) {
    findings.push_back({std::move(scenario), Outcome::fail, std::move(what), std::move(advice)});
  }
  void skip(std::string scenario, std::string what, std::string advice) {
    findings.push_back({std::move(scenario), Outcome::skip, std::move(what), std::move(advice)});
  }
};

}  // namespace dragoman::verify
