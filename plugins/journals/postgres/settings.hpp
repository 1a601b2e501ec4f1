// SPDX-License-Identifier: Apache-2.0
// The settings of a postgres journal; schema.json says what each means.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace journals::postgres {

struct Settings {
  std::string connection;  // may hold a password
  std::string schema;      // [a-z_][a-z0-9_]{0,62}
  int timeout_ms = 5000;
  std::vector<std::string> secrets;  // parts of `connection` that no sentence may show
};

// Throws Failure(DGM_E_INVALID); its sentence shows nothing of `connection`.
Settings read_settings(const boost::json::object& settings);

// What libpq or the server says, on one line and without the secrets.
std::string without_secrets(const Settings& settings, std::string message);

}  // namespace journals::postgres
