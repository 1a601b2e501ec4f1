// SPDX-License-Identifier: Apache-2.0
#include "database.hpp"

#include <cstring>
#include <utility>

#include "common/failure.hpp"
#include "common/text.hpp"

namespace journals::sqlite {

Statement::Statement(Database& database, const char* sql) : database_(&database) {
  sqlite3_stmt* made = nullptr;
  const int result = sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  statement_.reset(made);
  if (result != SQLITE_OK) database.fail(result);
}

void Statement::check(int result) const {
  if (result != SQLITE_OK) database_->fail(result);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  const char* from = text.data() ? text.data() : "";
  check(sqlite3_bind_text64(statement_.get(), parameter, from, text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  const char* from = bytes.data() ? bytes.data() : "";
  check(sqlite3_bind_blob64(statement_.get(), parameter, from, bytes.size(), SQLITE_STATIC));
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) database_->fail(result);
  return false;
}

void Statement::run() {
  Run scope(*this);
  step();
}

void Statement::reset() noexcept {
  if (!statement_) return;
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::string_view Statement::bytes(int column) const {
  const void* from = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  // Null for an empty value, but also when memory is short.
  if (!from && sqlite3_errcode(database_->handle()) == SQLITE_NOMEM) database_->fail(SQLITE_NOMEM);
  return from ? std::string_view(static_cast<const char*>(from), static_cast<std::size_t>(size)) : std::string_view("");
}

Database::Database(std::string path, Access access, int busy_timeout_ms) : path_(std::move(path)) {
  sqlite3* made = nullptr;
  const int flags = access == Access::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int result =
      sqlite3_open_v2(path_.c_str(), &made, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
  handle_.reset(made);
  if (result != SQLITE_OK) fail(result);
  sqlite3_extended_result_codes(made, 1);
  sqlite3_busy_timeout(made, busy_timeout_ms);
  // The file may come from anywhere: its schema shall not be able to do more than hold data.
  sqlite3_db_config(made, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(made, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(made, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(made, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
}

void Database::run(const char* sql) {
  const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(result);
}

std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? std::string(statement.bytes(0)) : std::string();
}

void Database::check_place() const {
  int moved = 0;
  if (sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
    throw Failure(DGM_E_UNAVAILABLE, "the journal file " + shown(path_) + " was moved or removed while it was open");
}

void Database::fail(int result) const {
  const std::string file = "the journal file " + shown(path_) + " ";
  const int cause = handle_ ? sqlite3_system_errno(handle_.get()) : 0;
  const std::string system = cause ? std::string(": ") + std::strerror(cause) : std::string();
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      throw Failure(DGM_E_UNAVAILABLE, file + "is locked by another program");
    case SQLITE_FULL:
      throw Failure(DGM_E_UNAVAILABLE, file + "cannot grow: there is no space left");
    case SQLITE_IOERR:
      throw Failure(DGM_E_UNAVAILABLE, file + "cannot be read or written" + system);
    case SQLITE_CANTOPEN:
      throw Failure(DGM_E_UNAVAILABLE, file + "cannot be opened" + system);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw Failure(DGM_E_UNAVAILABLE, file + "or its directory may not be written to" + system);
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      throw Failure(DGM_E_UNAVAILABLE, file + "cannot be used now: " + sqlite3_errstr(result));
    case SQLITE_CORRUPT:
      throw Failure(DGM_E_INTERNAL, file + "is damaged; restore it from a backup or move it away");
    case SQLITE_NOTADB:
      throw Failure(DGM_E_INTERNAL, file + "is not an SQLite database; move it away or set another path");
    case SQLITE_TOOBIG:
      throw Failure(DGM_E_INVALID, "a record is too large for an SQLite database");
    default:
      throw Failure(DGM_E_INTERNAL,
                    file + "cannot be used: " + (handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(result)));
  }
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.check_place();
  // A write that began as a read could not wait for another writer: its snapshot would be old by then.
  database_.run(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!sqlite3_get_autocommit(database_.handle()))
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.run("COMMIT");
}

}  // namespace journals::sqlite
