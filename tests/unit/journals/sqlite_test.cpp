// SPDX-License-Identifier: Apache-2.0
// What only a journal in a file can meet.
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>

#include "stores.hpp"

namespace journals_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SqliteJournal : public testing::Test {
 protected:
  Directory directory_;
  std::string path_ = directory_.path() / "journal.db";

  // Another program with the same file.
  struct Other {
    sqlite3* handle = nullptr;
    explicit Other(const std::string& path) { sqlite3_open(path.c_str(), &handle); }
    ~Other() { sqlite3_close(handle); }
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;
    int run(const char* sql) { return sqlite3_exec(handle, sql, nullptr, nullptr, nullptr); }
  };
  void fill() {
    Journal journal("sqlite", sqlite_settings(path_));
    ASSERT_TRUE(journal.open().ok());
    ASSERT_TRUE(journal.append(numbered("a", 1000)).ok());
  }
  Answer opening(const std::string& path) {
    Journal journal("sqlite", sqlite_settings(path));
    EXPECT_TRUE(journal.configured().ok()) << journal.configured();
    const Answer answer = journal.open();
    if (!answer.ok()) {
      EXPECT_THAT(answer.why, HasSubstr(path));
    }
    return answer;
  }
};

TEST_F(SqliteJournal, Settings) {
  for (const std::string settings : {R"({"path": "", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": ":memory:", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": ":x", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": "file:x?mode=memory", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": "file:///tmp/x", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": "directory/", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": "/tmp/", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": "/tmp/a\u0000b", "synchronous": "full", "busy_timeout_ms": 1})",
                                     R"({"path": "/tmp/a", "synchronous": "off", "busy_timeout_ms": 1})",
                                     R"({"path": "/tmp/a", "synchronous": "full", "busy_timeout_ms": -1})",
                                     R"({"synchronous": "full"})", "[]", "{"}) {
    Journal journal("sqlite", settings, directory_.path());
    EXPECT_EQ(journal.configured().status, DGM_E_INVALID) << settings;
    EXPECT_FALSE(journal.configured().why.empty());
    EXPECT_EQ(journal.open().status, DGM_E_INVALID);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(SqliteJournal, RelativePathsAreBelowTheStateDirectory) {
  EXPECT_EQ(Journal("sqlite", sqlite_settings("journal.db")).configured().status, DGM_E_INVALID) << "there is none";
  const std::filesystem::path state = directory_.path() / "state";
  // Behind a directory these names mean nothing to SQLite either.
  for (const char* path : {"journal.db", "deep/er/journal.db", "./:memory:", "./file:x?mode=memory", "a?b%20#c.db"}) {
    Journal journal("sqlite", sqlite_settings(path), state);
    ASSERT_TRUE(journal.configured().ok()) << journal.configured();
    ASSERT_TRUE(journal.open().ok()) << path;
    EXPECT_TRUE(journal.append(numbered("a", 1)).ok());
    EXPECT_TRUE(std::filesystem::is_regular_file(state / path)) << path;
    EXPECT_EQ(journal.reader().count({.stream = "a"}).count, 1u) << path;
  }
}

TEST_F(SqliteJournal, FilesAreForTheirOwnerOnly) {
  const mode_t mask = ::umask(0);
  Journal journal("sqlite", sqlite_settings(path_));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 1)).ok());
  ::umask(mask);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat found {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600u) << suffix;
  }
}

TEST_F(SqliteJournal, SynchronousNormal) {
  Journal journal("sqlite", R"({"path": ")" + path_ + R"(", "synchronous": "normal", "busy_timeout_ms": 100})");
  ASSERT_TRUE(journal.open().ok());
  EXPECT_TRUE(journal.append(numbered("a", 1)).ok());
}

TEST_F(SqliteJournal, PathThatCannotBeAFile) {
  std::filesystem::create_directory(directory_.path() / "dir");
  const Answer directory = opening(directory_.path() / "dir");
  EXPECT_EQ(directory.status, DGM_E_UNAVAILABLE);
  EXPECT_THAT(directory.why, HasSubstr("is a directory"));
  const Answer nowhere = opening(directory_.path() / "none" / "journal.db");
  EXPECT_EQ(nowhere.status, DGM_E_UNAVAILABLE);
  EXPECT_THAT(nowhere.why, HasSubstr("No such file"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "none")) << "it may be a volume that is not mounted yet";
  ASSERT_EQ(::mkfifo((directory_.path() / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(opening(directory_.path() / "fifo").status, DGM_E_UNAVAILABLE);
}

TEST_F(SqliteJournal, NotADatabase) {
  std::ofstream(path_) << std::string(10000, 'x');
  const Answer answer = opening(path_);
  EXPECT_EQ(answer.status, DGM_E_INTERNAL);
  EXPECT_THAT(answer.why, HasSubstr("not an SQLite database"));
}

TEST_F(SqliteJournal, AnotherProgramsDatabaseIsLeftAlone) {
  ASSERT_EQ(Other(path_).run("CREATE TABLE streams(x)"), SQLITE_OK);
  const Answer answer = opening(path_);
  EXPECT_EQ(answer.status, DGM_E_INVALID);
  EXPECT_THAT(answer.why, HasSubstr("another program"));
  std::ifstream file(path_);
  std::string head(20, 0);
  file.read(head.data(), 20);
  EXPECT_EQ(head[18], 1) << "still without a write-ahead log";
}

TEST_F(SqliteJournal, ALaterVersionIsRefused) {
  fill();
  ASSERT_EQ(Other(path_).run("PRAGMA user_version = 7"), SQLITE_OK);
  const Answer answer = opening(path_);
  EXPECT_EQ(answer.status, DGM_E_INVALID);
  EXPECT_THAT(answer.why, HasSubstr("later dragoman"));
}

TEST_F(SqliteJournal, Damaged) {
  fill();
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(0, std::ios::end);
    const auto size = static_cast<std::size_t>(file.tellg());
    ASSERT_GT(size, 8 * 4096u);
    file.seekp(4096);
    file << std::string(size - 4096, '\x5a');
  }
  Journal journal("sqlite", sqlite_settings(path_));
  Answer answer = journal.open();
  if (answer.ok()) answer = journal.append({{"a", "new", "x", 1, {}}});
  EXPECT_EQ(answer.status, DGM_E_INTERNAL);
  EXPECT_THAT(answer.why, HasSubstr("damaged"));
}

TEST_F(SqliteJournal, RecordsThatAreMissingAreDamage) {
  fill();
  ASSERT_EQ(Other(path_).run("DELETE FROM records WHERE time_ms < 5000; UPDATE streams SET bytes = -4"), SQLITE_OK);
  Journal journal("sqlite", sqlite_settings(path_));
  ASSERT_TRUE(journal.open().ok());
  EXPECT_EQ(journal.append(numbered("a", 1, "x")).status, DGM_E_INTERNAL);
  Reader reader = journal.reader();
  EXPECT_EQ(reader.read({.stream = "a"}).status, DGM_E_INTERNAL);
}

TEST_F(SqliteJournal, LockedByAnother) {
  Journal journal("sqlite", R"({"path": ")" + path_ + R"(", "synchronous": "full", "busy_timeout_ms": 50})");
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 2)).ok());
  Other other(path_);
  ASSERT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_OK);
  const Appended locked = journal.append(numbered("a", 2, "x"));
  EXPECT_EQ(locked.status, DGM_E_UNAVAILABLE);
  EXPECT_THAT(locked.why, HasSubstr("locked"));
  EXPECT_EQ(journal.trim("a", retention()).status, DGM_E_UNAVAILABLE);
  Reader reader = journal.reader();
  EXPECT_EQ(reader.count({.stream = "a"}).count, 2u);
  ASSERT_EQ(other.run("COMMIT"), SQLITE_OK);
  ASSERT_TRUE(journal.open().ok());
  EXPECT_THAT(journal.append(numbered("a", 2, "x")).positions, ElementsAre(3, 4));
}

TEST_F(SqliteJournal, LockedExclusivelyWhenItIsOpened) {
  fill();
  auto other = std::make_unique<Other>(path_);
  ASSERT_EQ(other->run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"), SQLITE_OK);
  Journal journal("sqlite", R"({"path": ")" + path_ + R"(", "synchronous": "full", "busy_timeout_ms": 50})");
  EXPECT_EQ(journal.open().status, DGM_E_UNAVAILABLE);
  other.reset();
  EXPECT_TRUE(journal.open().ok());
}

// As when the disk is full: writes beyond a size fail.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST_F(SqliteJournal, NoSpaceLeft) {
  Journal journal("sqlite", sqlite_settings(path_));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 3)).ok());
  Reader reader = journal.reader();
  {
    const FileLimit limit(512 * 1024);
    std::vector<Record> large{{"a", "small", "x", 1, {}}, {"a", "large", std::string(2u << 20, 'x'), 1, {{"k", "v"}}}};
    for (int i = 0; i < 2; ++i) {
      const Appended full = journal.append(large);
      EXPECT_EQ(full.status, DGM_E_UNAVAILABLE);
      EXPECT_THAT(full.why, HasSubstr(path_));
      EXPECT_EQ(reader.count({.stream = "a"}).count, 3u);
      EXPECT_TRUE(reader.values("a", "k").texts.empty());
      const Answer opened = journal.open();
      ASSERT_TRUE(opened.ok()) << opened;
    }
    EXPECT_THAT(journal.append({{"a", "fits", "x", 1, {}}}).positions, ElementsAre(4));
  }
  EXPECT_THAT(journal.append({{"a", "large", std::string(2u << 20, 'x'), 1, {}}}).positions, ElementsAre(5));
}

TEST_F(SqliteJournal, WhatKillLeavesBehindIsRecovered) {
  // A copy of the files as they are while the journal is open is what a killed process leaves.
  Journal journal("sqlite", sqlite_settings(path_));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 100)).ok());
  const std::string copy = directory_.path() / "copy.db";
  std::filesystem::copy_file(path_, copy);
  std::filesystem::copy_file(path_ + "-wal", copy + "-wal");
  Journal again("sqlite", sqlite_settings(copy));
  ASSERT_TRUE(again.open().ok());
  EXPECT_THAT(again.append({{"a", "id100", "", 1, {}}, {"a", "new", "", 1, {}}}).positions, ElementsAre(100, 101));
}

TEST_F(SqliteJournal, AFileThatIsTakenAwayIsNotWrittenTo) {
  Journal journal("sqlite", sqlite_settings(path_));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 3)).ok());
  Reader reader = journal.reader();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  const Appended gone = journal.append(numbered("a", 1, "x"));
  EXPECT_EQ(gone.status, DGM_E_UNAVAILABLE);
  EXPECT_THAT(gone.why, HasSubstr("removed"));
  EXPECT_EQ(reader.count({.stream = "a"}).status, DGM_E_UNAVAILABLE);
  ASSERT_TRUE(journal.open().ok());
  EXPECT_THAT(journal.append(numbered("a", 1, "x")).positions, ElementsAre(1));
  Reader another = journal.reader();
  EXPECT_EQ(another.count({.stream = "a"}).count, 1u);
}

TEST_F(SqliteJournal, SpaceIsUsedAgain) {
  Journal journal("sqlite", sqlite_settings(path_));
  ASSERT_TRUE(journal.open().ok());
  dgm_journal_retention keep = retention();
  keep.records = 100;
  std::uintmax_t early = 0;
  for (int round = 0; round < 30; ++round) {
    auto records = numbered("a", 500, std::to_string(round) + "-");
    for (Record& record : records) record.body.assign(1000, 'x');
    ASSERT_TRUE(journal.append(records).ok());
    ASSERT_EQ(journal.trim("a", keep).removed, round ? 500u : 400u);
    ASSERT_EQ(Other(path_).run("PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    if (round == 4) early = std::filesystem::file_size(path_);
  }
  EXPECT_LE(std::filesystem::file_size(path_), early + early / 4);
}

}  // namespace
}  // namespace journals_test
