// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/failure.hpp"
#include "common/text.hpp"

namespace journals::sqlite {
namespace {

constexpr std::int64_t application_id = 0x44474D4A;  // DGMJ
constexpr std::int64_t version = 1;

// attributes of a record: its names and values once more, for trim (see store.cpp).
constexpr const char* create_tables = R"sql(
  CREATE TABLE streams(
    stream INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    bytes INTEGER NOT NULL) STRICT;
  CREATE TABLE records(
    key INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    id TEXT NOT NULL,
    attributes BLOB NOT NULL,
    body BLOB NOT NULL,
    UNIQUE(stream, id)) STRICT;
  CREATE TABLE attributes(
    stream INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY(stream, name, value, position)) STRICT, WITHOUT ROWID;
  CREATE TABLE spans(
    stream INTEGER NOT NULL,
    span INTEGER NOT NULL,
    lowest_ms INTEGER NOT NULL,
    highest_ms INTEGER NOT NULL,
    PRIMARY KEY(stream, span)) STRICT, WITHOUT ROWID;
  PRAGMA application_id = 1145523530;
  PRAGMA user_version = 1;
)sql";
static_assert(application_id == 1145523530 && version == 1);

[[noreturn]] void refuse(const Database& database, const std::string& what) {
  throw Failure(DGM_E_INVALID, "the journal file " + shown(database.path()) + " " + what);
}

// True: the tables are there.
bool check_version(Database& database) {
  const std::int64_t application = database.integer("PRAGMA application_id");
  const std::int64_t found = database.integer("PRAGMA user_version");
  if (application == application_id && found == version) return true;
  if (application == application_id && found > version)
    refuse(database, "was written by a later dragoman (its version is " + std::to_string(found) +
                         ", this plugin knows " + std::to_string(version) + "); upgrade dragoman or set another path");
  if (application != 0 || found != 0 || database.integer("SELECT count(*) FROM sqlite_schema") != 0)
    refuse(database, "is the database of another program; set another path");
  return false;
}

}  // namespace

void make_file(const std::string& path) {
  const auto fail = [&] {
    const int cause = errno;
    throw Failure(DGM_E_UNAVAILABLE, "the journal file " + shown(path) + " cannot be opened: " + std::strerror(cause));
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    if (errno != EEXIST) fail();
    struct stat found {};
    if (::stat(path.c_str(), &found) < 0) fail();
    if (!S_ISREG(found.st_mode))
      throw Failure(DGM_E_UNAVAILABLE, "the journal file " + shown(path) +
                                           (S_ISDIR(found.st_mode) ? " is a directory" : " is not a regular file"));
    return;
  }
  ::close(file);
  // The entry in the directory must outlive a power loss as the records do.
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) fail();
  const int synced = ::fsync(opened);
  const int cause = errno;
  ::close(opened);
  errno = cause;
  // Some file systems cannot sync a directory and need not.
  if (synced < 0 && cause != EINVAL) fail();
}

void prepare_tables(Database& database) {
  // Before anything is changed in a file that may be another program's.
  const bool there = check_version(database);
  const std::string mode = database.text("PRAGMA journal_mode = WAL");
  if (mode != "wal") refuse(database, "is on a file system that cannot hold a write-ahead log; use a local disk");
  if (there) return;
  Transaction transaction(database, Transaction::Kind::write);
  if (!check_version(database)) database.run(create_tables);
  transaction.commit();
}

}  // namespace journals::sqlite
