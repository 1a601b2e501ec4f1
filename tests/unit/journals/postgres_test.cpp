// SPDX-License-Identifier: Apache-2.0
// What only a journal behind a server can meet.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "stores.hpp"

namespace journals_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PostgresJournal : public testing::Test {
 protected:
  void SetUp() override {
    if (Cluster::programs().empty()) FAIL() << "no PostgreSQL server is installed: ./dev setup";
  }
};

TEST_F(PostgresJournal, Settings) {
  const auto configure = [](const std::string& connection, const std::string& schema) {
    return Journal("postgres", postgres_settings(connection, schema)).configured();
  };
  EXPECT_TRUE(configure("host=/tmp user=a password=hunter2", "dragoman").ok());
  EXPECT_TRUE(configure("postgresql://a:hunter2@db.example:5433/events?sslmode=require", "_x9").ok());
  for (const char* schema : {"", "Dragoman", "a-b", "1a", "a\\\"; DROP", "a.b"})
    EXPECT_EQ(configure("dbname=a", schema).status, DGM_E_INVALID) << schema;
  EXPECT_EQ(configure("dbname=a", std::string(64, 'a')).status, DGM_E_INVALID);
  for (const char* connection :
       {"hunter2", "host=a password='hunter2", "nonsense=hunter2", "postgresql://a:hunt@er2@host/db",
        "postgresql://a:hunter2/x@host/db", "postgresql://a:hunter2#@[x/db"}) {
    const Answer answer = configure(connection, "dragoman");
    EXPECT_EQ(answer.status, DGM_E_INVALID) << connection;
    EXPECT_THAT(answer.why, Not(HasSubstr("hunt")));
    EXPECT_THAT(answer.why, Not(HasSubstr("er2")));
  }
}

TEST_F(PostgresJournal, AServerThatIsNotThere) {
  for (const char* connection :
       {"host=/nonexistent user=hunter2 password=hunter2", "postgresql://u:hunter2@127.0.0.1:1/db"}) {
    Journal journal("postgres", postgres_settings(connection, "x"));
    const Answer answer = journal.open();
    EXPECT_EQ(answer.status, DGM_E_UNAVAILABLE);
    EXPECT_THAT(answer.why, Not(HasSubstr("hunter2")));
    EXPECT_THAT(answer.why, Not(HasSubstr("\n")));
    EXPECT_FALSE(Reader(journal.table(), journal.raw()).opened().ok());
  }
}

TEST_F(PostgresJournal, WhatTheServerRefuses) {
  Cluster& cluster = shared_cluster();
  Journal no_database("postgres", postgres_settings(cluster.connection() + " dbname=none password=hunter2", "x"));
  const Answer answer = no_database.open();
  EXPECT_EQ(answer.status, DGM_E_UNAVAILABLE);
  EXPECT_THAT(answer.why, HasSubstr("none"));
  EXPECT_THAT(answer.why, Not(HasSubstr("hunter2")));

  cluster.sql("CREATE ROLE plain LOGIN");
  Journal no_right("postgres", postgres_settings(cluster.connection() + " user=plain", "forbidden"));
  EXPECT_EQ(no_right.open().status, DGM_E_UNAVAILABLE);
  cluster.sql("CREATE SCHEMA forbidden AUTHORIZATION plain");
  const Answer with_schema = no_right.open();
  EXPECT_TRUE(with_schema.ok()) << with_schema;

  cluster.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  Journal latin("postgres", postgres_settings(cluster.connection() + " dbname=latin", "x"));
  const Answer encoding = latin.open();
  EXPECT_EQ(encoding.status, DGM_E_INVALID);
  EXPECT_THAT(encoding.why, HasSubstr("LATIN1"));
}

TEST_F(PostgresJournal, ALaterVersionIsRefused) {
  const std::string settings = postgres_settings(shared_cluster().connection(), "later");
  Journal journal("postgres", settings);
  ASSERT_TRUE(journal.open().ok());
  shared_cluster().sql("UPDATE later.version SET version = 7");
  const Answer answer = journal.open();
  EXPECT_EQ(answer.status, DGM_E_INVALID);
  EXPECT_THAT(answer.why, HasSubstr("later dragoman"));
}

TEST_F(PostgresJournal, TablesThatWereDroppedAreMadeAgain) {
  Journal journal("postgres", postgres_settings(shared_cluster().connection(), "dropped"));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 2)).ok());
  shared_cluster().sql("DROP SCHEMA dropped CASCADE");
  EXPECT_EQ(journal.append(numbered("a", 2)).status, DGM_E_UNAVAILABLE);
  ASSERT_TRUE(journal.open().ok());
  EXPECT_THAT(journal.append(numbered("a", 2)).fresh, ElementsAre(1, 1));
}

TEST_F(PostgresJournal, ConnectionsThatTheServerEnds) {
  Cluster& cluster = shared_cluster();
  Journal journal("postgres", postgres_settings(cluster.connection(), "ended"));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 2)).ok());
  Reader reader = journal.reader();
  cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dragoman'");
  EXPECT_EQ(journal.append(numbered("a", 2, "x")).status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(reader.count({.stream = "a"}).status, DGM_E_UNAVAILABLE);
  ASSERT_TRUE(journal.open().ok());
  EXPECT_THAT(journal.append(numbered("a", 2, "x")).positions, ElementsAre(3, 4));
  Reader another = journal.reader();
  EXPECT_EQ(another.count({.stream = "a"}).count, 4u);
}

TEST_F(PostgresJournal, AStreamThatAnotherProgramKeepsLocked) {
  Cluster& cluster = shared_cluster();
  Journal journal("postgres", postgres_settings(cluster.connection(), "locked", 300));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 1)).ok());
  std::thread holder([&] { cluster.sql("BEGIN; SELECT * FROM locked.streams FOR UPDATE; SELECT pg_sleep(1.5)"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const Appended waited = journal.append(numbered("a", 1, "x"));
  EXPECT_EQ(waited.status, DGM_E_UNAVAILABLE);
  holder.join();
  ASSERT_TRUE(journal.open().ok());
  EXPECT_THAT(journal.append(numbered("a", 1, "x")).positions, ElementsAre(2));
}

TEST_F(PostgresJournal, ARightThatIsTakenAway) {
  Cluster& cluster = shared_cluster();
  cluster.sql("CREATE ROLE reader LOGIN");
  cluster.sql("CREATE SCHEMA rights AUTHORIZATION reader");
  Journal journal("postgres", postgres_settings(cluster.connection() + " user=reader", "rights"));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 1)).ok());
  cluster.sql("REVOKE INSERT ON rights.records FROM reader");
  EXPECT_EQ(journal.append(numbered("a", 1, "x")).status, DGM_E_UNAVAILABLE);
  cluster.sql("GRANT INSERT ON rights.records TO reader");
  ASSERT_TRUE(journal.open().ok());
  EXPECT_THAT(journal.append(numbered("a", 1, "x")).positions, ElementsAre(2));
}

class PostgresOutage : public PostgresJournal {};

TEST_F(PostgresOutage, StoppedAndStartedAgain) {
  Cluster cluster;
  Journal journal("postgres", postgres_settings(cluster.connection(), "outage"));
  ASSERT_TRUE(journal.open().ok());
  ASSERT_TRUE(journal.append(numbered("a", 10)).ok());
  auto reader = std::make_unique<Reader>(journal.table(), journal.raw());
  ASSERT_EQ(reader->count({.stream = "a"}).count, 10u);

  cluster.stop();
  const Appended down = journal.append(numbered("a", 1, "x"));
  EXPECT_EQ(down.status, DGM_E_UNAVAILABLE);
  EXPECT_FALSE(down.why.empty());
  EXPECT_EQ(journal.open().status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(journal.append(numbered("a", 1, "x")).status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(journal.measure().status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(reader->read({.stream = "a"}).status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(reader->read({.stream = "a"}).status, DGM_E_UNAVAILABLE);

  cluster.start();
  const Answer opened = journal.open();
  ASSERT_TRUE(opened.ok()) << opened;
  EXPECT_THAT(journal.append({{"a", "id10", "", 1, {}}, {"a", "x1", "", 1, {}}}).positions, ElementsAre(10, 11));
  reader = std::make_unique<Reader>(journal.table(), journal.raw());
  EXPECT_EQ(reader->count({.stream = "a"}).count, 11u);

  // A server that hangs: the connection stays, no answer comes.
  Journal impatient("postgres", postgres_settings(cluster.connection(), "outage", 300));
  ASSERT_TRUE(impatient.open().ok());
  cluster.freeze(true);
  const auto began = std::chrono::steady_clock::now();
  const Appended hung = impatient.append(numbered("a", 1, "y"));
  const auto waited = std::chrono::steady_clock::now() - began;
  cluster.freeze(false);
  EXPECT_EQ(hung.status, DGM_E_UNAVAILABLE);
  EXPECT_THAT(hung.why, HasSubstr("not answered"));
  EXPECT_LT(waited, std::chrono::seconds(5));
  ASSERT_TRUE(impatient.open().ok());
  EXPECT_TRUE(impatient.append(numbered("a", 1, "y")).ok());
}

}  // namespace
}  // namespace journals_test
