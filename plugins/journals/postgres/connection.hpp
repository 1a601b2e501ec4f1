// SPDX-License-Identifier: Apache-2.0
// A connection to a PostgreSQL server that never waits for ever. Failures are thrown as journals::Failure. One thread
// at a time.
#pragma once
#include <dragoman/plugin.h>
#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "parameters.hpp"
#include "settings.hpp"

namespace journals::postgres {

// Rows in binary form.
class Result {
 public:
  Result() = default;
  explicit Result(PGresult* result) : result_(result) {}

  PGresult* get() const { return result_.get(); }
  int rows() const { return PQntuples(result_.get()); }
  // Throw Failure(DGM_E_INTERNAL) if the server sent something else than was asked for.
  std::int64_t integer(int row, int column) const;
  std::uint64_t natural(int row, int column) const;
  // Valid as long as this result.
  std::string_view bytes(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* r) const noexcept { PQclear(r); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

class Connection {
 public:
  enum class Use { write, read };
  // Connects. `settings` must outlive it.
  Connection(const Settings& settings, Use use);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Statements are prepared when they come for the first time.
  Result run(const std::string& sql, Parameters parameters = {});
  // Without parameters, not prepared; may be several statements.
  void run_script(const std::string& sql);
  // For statements of which there would be too many to keep.
  Result run_once(const std::string& sql, Parameters parameters = {});
  // Rows one by one, in bounded memory: row(result) has row 0, and answers whether it wants more.
  template <class Row>
  void each(const std::string& sql, Parameters parameters, Row&& row) {
    send(sql, parameters);
    PQsetSingleRowMode(connection_.get());
    bool wanted = true;
    // The rest is read in any case: the connection must be free for the next statement.
    for (Result result = next(); result.get(); result = next()) {
      check(result);
      if (wanted && result.rows()) wanted = row(result);
    }
  }

  bool can_roll_back() const;
  [[noreturn]] void fail(dgm_status status, const std::string& what) const;

 private:
  struct Finish {
    void operator()(PGconn* c) const noexcept { PQfinish(c); }
  };
  void send(const std::string& sql, Parameters& parameters);
  const std::string& prepared(const std::string& sql, const Parameters& parameters);
  void sent(int accepted);
  // The next result of the statement, null at its end.
  Result next();
  Result last();
  void wait(bool also_write);
  // Throws if it is an error, after the end of the statement.
  void check(const Result& result);
  [[noreturn]] void lost() const;

  const Settings& settings_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::unordered_map<std::string, std::string> names_;  // of prepared statements, by their text
};

// Rolled back unless committed.
class Transaction {
 public:
  enum class Kind { write, read };
  Transaction(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
};

}  // namespace journals::postgres
