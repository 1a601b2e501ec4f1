// SPDX-License-Identifier: Apache-2.0
// A connection to an SQLite file and its statements. Failures are thrown as journals::Failure and name the file. One
// thread at a time.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace journals::sqlite {

class Database;

// Compiled once, run often. Parameters and columns are numbered as SQLite does: parameters from 1, columns from 0.
class Statement {
 public:
  Statement() = default;
  Statement(Database& database, const char* sql);

  // Bound text and blobs are borrowed until the next reset().
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);
  // True: there is a row.
  bool step();
  // Runs a statement that has no rows.
  void run();
  // Ends the run and forgets what was bound.
  void reset() noexcept;

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  // Of text and blobs. Valid until the next step() or reset().
  std::string_view bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
  };
  void check(int result) const;

  Database* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resets at the end of a scope, so that no statement keeps a snapshot or borrowed memory.
class Run {
 public:
  explicit Run(Statement& statement) : statement_(statement) {}
  ~Run() { statement_.reset(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  Statement* operator->() { return &statement_; }

 private:
  Statement& statement_;
};

class Database {
 public:
  enum class Access { read_write, read_only };
  // The file must be there.
  Database(std::string path, Access access, int busy_timeout_ms);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_.get(); }
  std::uint64_t changes() const { return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get())); }
  std::int64_t last_rowid() const { return sqlite3_last_insert_rowid(handle_.get()); }

  void run(const char* sql);
  // The first column of the first row.
  std::int64_t integer(const char* sql);
  std::string text(const char* sql);

  // Throws if the file is no longer where it was opened: what is written there would be lost.
  void check_place() const;
  [[noreturn]] void fail(int result) const;

 private:
  struct Close {
    void operator()(sqlite3* h) const noexcept { sqlite3_close_v2(h); }
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// Rolled back unless committed.
class Transaction {
 public:
  enum class Kind { read, write };
  Transaction(Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
};

}  // namespace journals::sqlite
