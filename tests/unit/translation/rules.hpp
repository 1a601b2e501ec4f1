// SPDX-License-Identifier: Apache-2.0
// Rules from YAML, for tests.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "translation/compile.hpp"

namespace dragoman::translation {

struct Loaded {
  config::Configuration configuration;
  std::vector<std::unique_ptr<Rule>> rules;
  std::vector<std::string> errors;  // without their places
};

// translations: what stands below the key, indented by two.
inline Loaded load(const std::string& translations, const std::string& buses = "{main: {plugin: embedded}}") {
  Loaded out;
  std::vector<config::Error> errors;
  auto configuration =
      config::load_text("admin: {token: x}\nbuses: " + buses + "\ntranslations:\n" + translations, "t", {}, errors);
  if (configuration) {
    out.configuration = std::move(*configuration);
    out.rules = compile(out.configuration, errors);
  }
  for (const auto& error : errors) out.errors.push_back(error.path + ": " + error.message);
  return out;
}

}  // namespace dragoman::translation
