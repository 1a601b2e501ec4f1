// SPDX-License-Identifier: Apache-2.0
// The tables of a PostgreSQL journal.
#pragma once
#include <string>
#include <string_view>

#include "connection.hpp"

namespace journals::postgres {

// The name of a table for a statement. schema is valid (settings.hpp).
inline std::string table(const std::string& schema, std::string_view name) {
  return "\"" + schema + "\"." + std::string(name);
}

// Makes the schema and its tables if they are not there; several nodes may do so at once. Refuses those of a later
// version. Throws Failure.
void prepare_tables(Connection& connection, const std::string& schema);

}  // namespace journals::postgres
