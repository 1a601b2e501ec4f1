// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <cstdint>

#include "common/failure.hpp"

namespace journals::postgres {
namespace {

constexpr std::int64_t version = 1;

// Text is compared byte by byte, so that it sorts as in every other journal and whatever the locale is.
std::string create_tables(const std::string& schema) {
  const auto t = [&](const char* name) { return table(schema, name); };
  return "CREATE TABLE " + t("version") + "(version bigint NOT NULL);" + "CREATE TABLE " + t("streams") +
         "(stream bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE \"C\" NOT NULL UNIQUE,"
         " first bigint NOT NULL DEFAULT 1, last bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0)"
         // Room in the page for the next state of a row that every append changes.
         " WITH (fillfactor = 20);"
         "CREATE TABLE " +
         t("records") +
         "(stream bigint NOT NULL, position bigint NOT NULL, time_ms bigint NOT NULL,"
         " id text COLLATE \"C\" NOT NULL, body bytea NOT NULL, PRIMARY KEY (stream, position), UNIQUE (stream, id));"
         "CREATE TABLE " +
         t("attributes") +
         "(stream bigint NOT NULL, name text COLLATE \"C\" NOT NULL, value text COLLATE \"C\" NOT NULL,"
         " position bigint NOT NULL, PRIMARY KEY (stream, name, value, position));"
         // For trim alone: an expression, so that no query of a reader takes it for the better index.
         "CREATE INDEX attributes_trim ON " +
         t("attributes") + "(stream, (position + 0));" + "CREATE TABLE " + t("spans") +
         "(stream bigint NOT NULL, span bigint NOT NULL, lowest_ms bigint NOT NULL, highest_ms bigint NOT NULL,"
         " PRIMARY KEY (stream, span)) WITH (fillfactor = 50);"
         "INSERT INTO " +
         t("version") + " VALUES (" + std::to_string(version) + ")";
}

bool exists(Connection& connection, const std::string& schema) {
  return connection
             .run_once(
                 "SELECT 1::bigint FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid "
                 "WHERE n.nspname = $1 AND c.relname = 'version'",
                 Parameters().add(std::string_view(schema)))
             .rows() > 0;
}

void check_version(Connection& connection, const std::string& schema) {
  const Result found = connection.run_once("SELECT max(version)::bigint FROM " + table(schema, "version"));
  const std::int64_t number = found.integer(0, 0);
  if (number != version)
    connection.fail(DGM_E_INVALID, "the tables were made by a later dragoman (their version is " +
                                       std::to_string(number) + ", this plugin knows " + std::to_string(version) +
                                       "); upgrade dragoman or set another schema");
}

// The same on every node; another program's locks should not meet it by chance.
std::int64_t lock_key(const std::string& schema) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : "dragoman.journal." + schema) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<std::int64_t>(hash);
}

}  // namespace

void prepare_tables(Connection& connection, const std::string& schema) {
  if (!exists(connection, schema)) {
    Transaction transaction(connection, Transaction::Kind::write);
    connection.run_once("SELECT pg_advisory_xact_lock($1)::text", Parameters().add(lock_key(schema)));
    if (!exists(connection, schema)) {
      // Only if it has to be: a user may own a schema without the right to make one.
      const bool there = connection
                             .run_once("SELECT 1::bigint FROM pg_namespace WHERE nspname = $1",
                                       Parameters().add(std::string_view(schema)))
                             .rows() > 0;
      if (!there) connection.run_script("CREATE SCHEMA \"" + schema + "\"");
      connection.run_script(create_tables(schema));
    }
    transaction.commit();
  }
  check_version(connection, schema);
}

}  // namespace journals::postgres
