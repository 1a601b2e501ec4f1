// SPDX-License-Identifier: Apache-2.0
// Shared by the tests: loads a text without touching environment or files.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"

namespace dragoman::config {

// Never used as a value, so that a message that shows it is found.
inline const std::string secret = "hunter2-secret";

inline LoadOptions sealed() {
  LoadOptions options;
  options.sources.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SECRET") return secret;
    if (name == "EMPTY") return "";
    if (name == "NUMBER") return "8";
    if (name == "DURATION") return "7s";
    if (name == "NESTED") return "${env:SECRET}";
    if (name == "BINARY") return std::string("a\0b", 3);
    if (name == "HUGE") return std::string(70'000, 'x');
    return std::nullopt;
  };
  options.sources.file = [](const std::string& path) -> FileText {
    if (path == "token") return {secret + "\n", {}};
    if (path == "/etc/two-lines") return {"one\ntwo\n\n", {}};
    if (path == "/etc/dos") return {"one\r\n", {}};
    return {{}, "cannot be read: No such file or directory"};
  };
  return options;
}

inline std::vector<std::string> texts(const std::vector<Error>& errors) {
  std::vector<std::string> out;
  for (const Error& error : errors) out.push_back(error.text());
  return out;
}

inline std::vector<std::string> errors_of(std::string_view yaml) {
  std::vector<Error> errors;
  load_text(yaml, "f", sealed(), errors);
  return texts(errors);
}

}  // namespace dragoman::config
