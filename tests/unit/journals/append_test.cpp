// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "stores.hpp"

namespace journals_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class JournalAppend : public EveryJournal {};
EVERY_JOURNAL_DOES(JournalAppend);

TEST_P(JournalAppend, PositionsBeginAtOneAndHaveNoGap) {
  const Appended first = journal().append(numbered("a", 3));
  ASSERT_TRUE(first.ok()) << first;
  EXPECT_THAT(first.positions, ElementsAre(1, 2, 3));
  EXPECT_THAT(first.fresh, ElementsAre(1, 1, 1));
  EXPECT_THAT(journal().append(numbered("a", 2, "more")).positions, ElementsAre(4, 5));
}

TEST_P(JournalAppend, NothingIsAlsoFine) {
  EXPECT_TRUE(journal().append({}).ok());
  EXPECT_TRUE(journal().table().append(journal().raw(), nullptr, 0, nullptr, nullptr, nullptr) == DGM_OK);
  EXPECT_THAT(journal().streams().texts, IsEmpty());
}

TEST_P(JournalAppend, AnIdThatIsThereKeepsItsPosition) {
  ASSERT_TRUE(journal().append(numbered("a", 3)).ok());
  const Appended again = journal().append({{"a", "id2", "another body", 9, {{"k", "v"}}}, {"a", "new", "b", 9, {}}});
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_THAT(again.positions, ElementsAre(2, 4));
  EXPECT_THAT(again.fresh, ElementsAre(0, 1));
  Reader reader = journal().reader();
  const Read read = reader.read({.stream = "a"});
  ASSERT_EQ(read.records.size(), 4u);
  EXPECT_EQ(read.records[1].body, "body 2");
  EXPECT_THAT(reader.values("a", "k").texts, IsEmpty());
}

TEST_P(JournalAppend, TheSameIdTwiceInOneCallIsStoredOnce) {
  const Appended all = journal().append(
      {{"a", "x", "1", 1, {}}, {"a", "y", "2", 2, {}}, {"a", "x", "3", 3, {}}, {"a", "z", "4", 4, {}}});
  EXPECT_THAT(all.positions, ElementsAre(1, 2, 1, 3));
  EXPECT_THAT(all.fresh, ElementsAre(1, 1, 0, 1));
}

TEST_P(JournalAppend, StreamsAreIndependent) {
  const Appended all = journal().append({{"b", "x", "1", 1, {}}, {"a", "x", "22", 2, {}}, {"b", "y", "333", 3, {}}});
  EXPECT_THAT(all.positions, ElementsAre(1, 1, 2));
  EXPECT_THAT(all.fresh, ElementsAre(1, 1, 1));
  EXPECT_THAT(journal().streams().texts, testing::UnorderedElementsAre("a", "b"));
  const Measured size = journal().measure();
  EXPECT_EQ(size.records, 3u);
  EXPECT_EQ(size.bytes, 6u);
  Reader reader = journal().reader();
  EXPECT_THAT(reader.read({.stream = "b"}).records,
              ElementsAre(Found{1, 1, "b", "x", "1"}, Found{2, 3, "b", "y", "333"}));
}

TEST_P(JournalAppend, ARefusedRecordStoresNothingOfItsCall) {
  const Appended refused = journal().append({{"a", "x", "1", 1, {}}, {"a", std::string(5000, 'y'), "2", 2, {}}});
  EXPECT_EQ(refused.status, DGM_E_INVALID);
  EXPECT_NE(refused.why.find("1024"), std::string::npos) << refused.why;
  EXPECT_EQ(journal().measure().records, 0u);
  EXPECT_TRUE(journal().append({{"a", "x", "1", 1, {}}}).ok());
}

TEST_P(JournalAppend, ReopeningKeepsEverything) {
  std::vector<Record> records = numbered("a", 50);
  for (Record& record : records) record.attributes = {{"kind", record.id}};
  ASSERT_TRUE(journal().append(records).ok());
  std::vector<Found> before;
  {
    Reader reader = journal().reader();
    before = reader.read({.stream = "a"}).records;
  }
  reopen();
  Reader reader = journal().reader();
  EXPECT_EQ(reader.read({.stream = "a"}).records, before);
  EXPECT_EQ(reader.values("a", "kind").texts.size(), 50u);
  EXPECT_THAT(journal().append({{"a", "id50", "", 0, {}}, {"a", "id51", "", 0, {}}}).positions, ElementsAre(50, 51));
}

TEST_P(JournalAppend, OpenMayComeAgainWhileReadersAreOpen) {
  ASSERT_TRUE(journal().append(numbered("a", 2)).ok());
  Reader reader = journal().reader();
  EXPECT_EQ(reader.read({.stream = "a"}).records.size(), 2u);
  ASSERT_TRUE(journal().open().ok());
  ASSERT_TRUE(journal().append(numbered("a", 2, "more")).ok());
  EXPECT_EQ(reader.read({.stream = "a"}).records.size(), 4u);
}

TEST_P(JournalAppend, BeforeOpenEverythingIsUnavailable) {
  const auto closed = instance();
  EXPECT_EQ(closed->append(numbered("a", 1)).status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(closed->trim("a", retention()).status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(closed->measure().status, DGM_E_UNAVAILABLE);
  EXPECT_EQ(closed->streams().status, DGM_E_UNAVAILABLE);
  closed->close();
}

TEST_P(JournalAppend, LargeBodiesAndManyRecords) {
  std::vector<Record> records = numbered("a", 12000);
  for (int i : {0, 1, 2, 11999}) records[static_cast<std::size_t>(i)].body.assign(5u << 20, static_cast<char>(i));
  const Appended all = journal().append(records);
  ASSERT_TRUE(all.ok()) << all;
  EXPECT_EQ(all.positions.back(), 12000u);
  Reader reader = journal().reader();
  const Read newest = reader.read({.stream = "a", .backwards = true, .limit = 2});
  ASSERT_EQ(newest.records.size(), 2u);
  EXPECT_EQ(newest.records[0].body, records[11999].body);
  EXPECT_EQ(newest.records[1].body, "body 11999");
  EXPECT_EQ(reader.read({.stream = "a"}).records.size(), 12000u);
}

}  // namespace
}  // namespace journals_test
