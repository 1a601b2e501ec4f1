// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "stores.hpp"

namespace journals_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class JournalTrim : public EveryJournal {
 protected:
  void SetUp() override {
    EveryJournal::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto records = numbered("a", 10);
    for (Record& record : records) record.body = "0123456789";
    ASSERT_TRUE(journal().append(records).ok());
  }
  std::vector<std::uint64_t> left() {
    Reader reader = journal().reader();
    return reader.read({.stream = "a"}).positions();
  }
};
EVERY_JOURNAL_DOES(JournalTrim);

TEST_P(JournalTrim, ByAge) {
  dgm_journal_retention r = retention();
  r.before_ms = 8000;
  EXPECT_EQ(journal().trim("a", r).removed, 7u);
  EXPECT_EQ(journal().trim("a", r).removed, 0u);
  EXPECT_THAT(left(), ElementsAre(8, 9, 10));
  EXPECT_EQ(journal().measure().records, 3u);
  EXPECT_EQ(journal().measure().bytes, 30u);
}

TEST_P(JournalTrim, AgeStopsAtTheFirstYoungRecord) {
  ASSERT_TRUE(journal().append({{"t", "1", "", 1, {}}, {"t", "2", "", 9, {}}, {"t", "3", "", 1, {}}}).ok());
  dgm_journal_retention r = retention();
  r.before_ms = 5;
  EXPECT_EQ(journal().trim("t", r).removed, 1u);
}

TEST_P(JournalTrim, ByRecordsAndBytes) {
  dgm_journal_retention r = retention();
  r.records = 7;
  EXPECT_EQ(journal().trim("a", r).removed, 3u);
  r.records = 0;
  r.bytes = 45;
  EXPECT_EQ(journal().trim("a", r).removed, 3u);
  EXPECT_THAT(left(), ElementsAre(7, 8, 9, 10));
}

TEST_P(JournalTrim, AnyBoundIsEnough) {
  dgm_journal_retention r = retention();
  r.before_ms = 3000;
  r.records = 9;
  r.bytes = 60;
  EXPECT_EQ(journal().trim("a", r).removed, 4u);
}

TEST_P(JournalTrim, AtMost) {
  dgm_journal_retention r = retention();
  r.records = 1;
  r.most = 4;
  EXPECT_EQ(journal().trim("a", r).removed, 4u);
  EXPECT_EQ(journal().trim("a", r).removed, 4u);
  EXPECT_EQ(journal().trim("a", r).removed, 1u);
  EXPECT_EQ(journal().trim("a", r).removed, 0u);
  EXPECT_THAT(left(), ElementsAre(10));
  r.most = 0;
  r.before_ms = 20000;
  EXPECT_EQ(journal().trim("a", r).removed, 0u);
}

TEST_P(JournalTrim, PositionsGoOnAfterTheLastRecordIsGone) {
  dgm_journal_retention r = retention();
  r.before_ms = 20000;
  EXPECT_EQ(journal().trim("a", r).removed, 10u);
  EXPECT_THAT(left(), IsEmpty());
  EXPECT_EQ(journal().measure().records, 0u);
  EXPECT_EQ(journal().measure().bytes, 0u);
  reopen();
  // Its id is free again.
  const Appended again = journal().append({{"a", "id3", "x", 5, {}}});
  EXPECT_THAT(again.positions, ElementsAre(11));
  EXPECT_THAT(again.fresh, ElementsAre(1));
  Reader reader = journal().reader();
  EXPECT_EQ(reader.count({.stream = "a"}).count, 1u);
  EXPECT_THAT(reader.read({.stream = "a", .after = 3, .skip = 0}).positions(), ElementsAre(11));
  EXPECT_THAT(reader.read({.stream = "a", .from_ms = 5, .to_ms = 6}).positions(), ElementsAre(11));
}

TEST_P(JournalTrim, WithoutBoundsOrStreamNothingGoes) {
  EXPECT_EQ(journal().trim("a", retention()).removed, 0u);
  dgm_journal_retention r = retention();
  r.records = 1;
  const Removed none = journal().trim("none", r);
  EXPECT_TRUE(none.ok()) << none;
  EXPECT_EQ(none.removed, 0u);
  EXPECT_THAT(journal().streams().texts, ElementsAre("a"));
}

TEST_P(JournalTrim, ReadersSeeTheNewFirst) {
  dgm_journal_retention r = retention();
  r.records = 4;
  ASSERT_EQ(journal().trim("a", r).removed, 6u);
  Reader reader = journal().reader();
  EXPECT_EQ(reader.count({.stream = "a"}).count, 4u);
  EXPECT_THAT(reader.read({.stream = "a", .skip = 1, .limit = 2}).positions(), ElementsAre(8, 9));
  EXPECT_THAT(reader.read({.stream = "a", .after = 2, .limit = 1}).positions(), ElementsAre(7));
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .after = 5}).positions(), IsEmpty());
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .skip = 3}).positions(), ElementsAre(7));
}

}  // namespace
}  // namespace journals_test
