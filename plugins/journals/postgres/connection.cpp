// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include "common/failure.hpp"
#include "common/text.hpp"

namespace journals::postgres {
namespace {

// The server ends a statement at timeout_ms by itself; this much later the client stops to believe in the server.
constexpr int grace_ms = 1000;
constexpr int reader_idle_ms = 60000;

dgm_status status_of(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  // connection, rollback by conflict, resources, object in use, operator's intervention, system
  for (const std::string_view passing : {"08", "40", "53", "55", "57", "58"})
    if (kind == passing) return DGM_E_UNAVAILABLE;
  // A server that became a standby, a right or a table that is missing until an admin gives it, a login refused.
  for (const std::string_view passing : {"25006", "42501", "42P01", "3F000", "3D000", "28000", "28P01"})
    if (state == passing) return DGM_E_UNAVAILABLE;
  if (kind == "22" || kind == "54") return DGM_E_INVALID;
  return DGM_E_INTERNAL;
}

}  // namespace

std::string_view Result::bytes(int row, int column) const {
  const int length = PQgetlength(result_.get(), row, column);
  return length > 0 ? std::string_view(PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(length))
                    : std::string_view("");
}

std::int64_t Result::integer(int row, int column) const {
  const std::string_view raw = bytes(row, column);
  if (row >= rows() || raw.size() != 8) throw Failure(DGM_E_INTERNAL, "PostgreSQL sent a row of an unknown form");
  std::uint64_t value = 0;
  for (const char c : raw) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

std::uint64_t Result::natural(int row, int column) const {
  const std::int64_t value = integer(row, column);
  if (value < 0) throw Failure(DGM_E_INTERNAL, "the PostgreSQL journal is damaged: it has a number below 0");
  return static_cast<std::uint64_t>(value);
}

Connection::Connection(const Settings& settings, Use use) : settings_(settings) {
  const int seconds = std::max(1, (settings.timeout_ms + 999) / 1000);
  const std::string connect_timeout = std::to_string(std::max(2, seconds)), idle = std::to_string(seconds),
                    interval = std::to_string(std::max(1, seconds / 3)),
                    user_timeout = std::to_string(settings.timeout_ms);
  // What stands before dbname the connection string may override, what stands behind it may not.
  const std::array keys{"connect_timeout",  "keepalives_idle",  "keepalives_interval",
                        "keepalives_count", "tcp_user_timeout", "fallback_application_name",
                        "dbname",           "client_encoding",  static_cast<const char*>(nullptr)};
  const std::array values{connect_timeout.c_str(),
                          idle.c_str(),
                          interval.c_str(),
                          "3",
                          user_timeout.c_str(),
                          "dragoman",
                          settings.connection.c_str(),
                          "UTF8",
                          static_cast<const char*>(nullptr)};
  connection_.reset(PQconnectdbParams(keys.data(), values.data(), 1));
  if (!connection_) throw std::bad_alloc();
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail(DGM_E_UNAVAILABLE, PQerrorMessage(connection_.get()));
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0) fail(DGM_E_UNAVAILABLE, PQerrorMessage(connection_.get()));
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (!encoding || std::string_view(encoding) != "UTF8")
    fail(DGM_E_INVALID, "the database has the encoding " + std::string(encoding ? encoding : "unknown") +
                            ", but a journal needs UTF8");
  const std::string timeout = std::to_string(settings.timeout_ms);
  // A node that died in the middle of an append must not keep the others from appending.
  const std::string idle_timeout =
      use == Use::write ? timeout : std::to_string(std::max(settings.timeout_ms, reader_idle_ms));
  run_script("SET statement_timeout = " + timeout + "; SET idle_in_transaction_session_timeout = " + idle_timeout +
             // Names mean the server's own functions and nothing that a user put before them.
             "; SET search_path = pg_catalog; SET timezone = 'UTC'"
             // Every statement has its index. Plans made while the tables were empty must not stay with scans.
             "; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off"
             "; SET enable_mergejoin = off; SET enable_sort = off; SET enable_incremental_sort = off; SET jit = off");
  if (use == Use::write)
    run_once(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'");
}

void Connection::fail(dgm_status status, const std::string& what) const {
  std::string where = "the PostgreSQL journal " + shown(settings_.schema);
  const char* host = PQhost(connection_.get());
  if (host && *host) where += " at " + shown(without_secrets(settings_, host));
  throw Failure(status, where + ": " + without_secrets(settings_, what));
}

void Connection::lost() const {
  fail(DGM_E_UNAVAILABLE, PQerrorMessage(connection_.get()));
}

void Connection::wait(bool also_write) {
  pollfd socket{PQsocket(connection_.get()), static_cast<short>(POLLIN | (also_write ? POLLOUT : 0)), 0};
  if (socket.fd < 0) lost();
  int ready = 0;
  do ready = ::poll(&socket, 1, settings_.timeout_ms + grace_ms);
  while (ready < 0 && errno == EINTR);
  if (ready <= 0)
    fail(DGM_E_UNAVAILABLE,
         "the server has not answered for " + std::to_string(settings_.timeout_ms + grace_ms) + " ms");
  if (socket.revents & ~POLLOUT && !PQconsumeInput(connection_.get())) lost();
}

void Connection::sent(int accepted) {
  if (!accepted) lost();
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left < 0) lost();
    if (left == 0) return;
    wait(true);
  }
}

Result Connection::next() {
  while (PQisBusy(connection_.get())) wait(false);
  return Result(PQgetResult(connection_.get()));
}

Result Connection::last() {
  Result kept;
  for (Result result = next(); result.get(); result = next()) {
    check(result);
    kept = std::move(result);
  }
  return kept;
}

void Connection::check(const Result& result) {
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
      return;
    default:
      break;
  }
  if (PQstatus(connection_.get()) != CONNECTION_OK) lost();
  // The connection is free again then, for ROLLBACK.
  while (next().get()) {
  }
  const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
  fail(state ? status_of(state) : DGM_E_UNAVAILABLE, message ? message : PQresultErrorMessage(result.get()));
}

void Connection::send(const std::string& sql, Parameters& parameters) {
  sent(PQsendQueryParams(connection_.get(), sql.c_str(), parameters.count(), parameters.types(), parameters.values(),
                         parameters.lengths(), parameters.formats(), 1));
}

const std::string& Connection::prepared(const std::string& sql, const Parameters& parameters) {
  const auto known = names_.find(sql);
  if (known != names_.end()) return known->second;
  std::string name = "s";
  name += std::to_string(names_.size());
  sent(PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), parameters.count(), parameters.types()));
  last();
  return names_.emplace(sql, name).first->second;
}

Result Connection::run(const std::string& sql, Parameters parameters) {
  const std::string& name = prepared(sql, parameters);
  sent(PQsendQueryPrepared(connection_.get(), name.c_str(), parameters.count(), parameters.values(),
                           parameters.lengths(), parameters.formats(), 1));
  return last();
}

Result Connection::run_once(const std::string& sql, Parameters parameters) {
  send(sql, parameters);
  return last();
}

void Connection::run_script(const std::string& sql) {
  sent(PQsendQuery(connection_.get(), sql.c_str()));
  last();
}

bool Connection::can_roll_back() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection) {
  // Writers see, once they have a stream's lock, what the one before them did; readers see one state throughout.
  connection_.run_script(kind == Kind::write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                             : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

Transaction::~Transaction() {
  if (!connection_.can_roll_back()) return;
  try {
    connection_.run_script("ROLLBACK");
  } catch (...) {  // NOLINT(bugprone-empty-catch): the server rolls back when the connection ends
  }
}

void Transaction::commit() {
  connection_.run_script("COMMIT");
}

}  // namespace journals::postgres
