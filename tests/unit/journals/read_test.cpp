// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <limits>

#include "stores.hpp"

namespace journals_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();

class JournalRead : public EveryJournal {
 protected:
  void SetUp() override {
    EveryJournal::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(journal().append(numbered("a", 10)).ok());
  }
};
EVERY_JOURNAL_DOES(JournalRead);

TEST_P(JournalRead, BothDirections) {
  Reader reader = journal().reader();
  ASSERT_TRUE(reader.opened().ok()) << reader.opened();
  EXPECT_THAT(reader.read({.stream = "a"}).positions(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true}).positions(), ElementsAre(10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
  EXPECT_THAT(reader.read({.stream = "a", .limit = 1}).records, ElementsAre(Found{1, 1000, "a", "id1", "body 1"}));
}

TEST_P(JournalRead, AStreamThatIsNotThereIsEmpty) {
  Reader reader = journal().reader();
  const Read none = reader.read({.stream = "none"});
  EXPECT_TRUE(none.ok()) << none;
  EXPECT_THAT(none.records, IsEmpty());
  EXPECT_EQ(reader.count({.stream = "none"}).count, 0u);
  EXPECT_TRUE(reader.values("none", "x").ok());
}

TEST_P(JournalRead, After) {
  Reader reader = journal().reader();
  EXPECT_THAT(reader.read({.stream = "a", .after = 8}).positions(), ElementsAre(9, 10));
  EXPECT_THAT(reader.read({.stream = "a", .after = 10}).positions(), IsEmpty());
  EXPECT_THAT(reader.read({.stream = "a", .after = huge}).positions(), IsEmpty());
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .after = 3}).positions(), ElementsAre(2, 1));
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .after = 1}).positions(), IsEmpty());
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .after = huge, .limit = 1}).positions(), ElementsAre(10));
}

TEST_P(JournalRead, SkipAndLimit) {
  Reader reader = journal().reader();
  EXPECT_THAT(reader.read({.stream = "a", .skip = 3, .limit = 2}).positions(), ElementsAre(4, 5));
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .skip = 3, .limit = 2}).positions(), ElementsAre(7, 6));
  EXPECT_THAT(reader.read({.stream = "a", .after = 5, .skip = 4}).positions(), ElementsAre(10));
  EXPECT_THAT(reader.read({.stream = "a", .skip = 10}).positions(), IsEmpty());
  EXPECT_THAT(reader.read({.stream = "a", .skip = huge, .limit = huge}).positions(), IsEmpty());
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .skip = huge}).positions(), IsEmpty());
  EXPECT_EQ(reader.read({.stream = "a", .limit = huge}).records.size(), 10u);
  EXPECT_EQ(reader.read({.stream = "a", .limit = 0}).status, DGM_E_INVALID);
}

TEST_P(JournalRead, MaxBytesEndsWithTheRecordThatReachesIt) {
  Reader reader = journal().reader();
  EXPECT_THAT(reader.read({.stream = "a", .max_bytes = 1}).positions(), ElementsAre(1));
  EXPECT_THAT(reader.read({.stream = "a", .max_bytes = 12}).positions(), ElementsAre(1, 2));
  EXPECT_THAT(reader.read({.stream = "a", .max_bytes = 13}).positions(), ElementsAre(1, 2, 3));
}

TEST_P(JournalRead, TheCallerMayStop) {
  Reader reader = journal().reader();
  int seen = 0;
  const Answer stopped = reader.read({.stream = "a"}, [&](const dgm_record&) {
    return ++seen == 3 ? dgm_status{DGM_E_CANCELED} : dgm_status{DGM_OK};
  });
  EXPECT_EQ(stopped.status, DGM_E_CANCELED);
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(reader.read({.stream = "a"}).records.size(), 10u);
}

TEST_P(JournalRead, Times) {
  Reader reader = journal().reader();
  EXPECT_THAT(reader.read({.stream = "a", .from_ms = 3000, .to_ms = 6000}).positions(), ElementsAre(3, 4, 5));
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .from_ms = 9000}).positions(), ElementsAre(10, 9));
  EXPECT_THAT(reader.read({.stream = "a", .to_ms = 2001}).positions(), ElementsAre(1, 2));
  EXPECT_THAT(reader.read({.stream = "a", .from_ms = 3000, .to_ms = 9000, .skip = 2, .limit = 2}).positions(),
              ElementsAre(5, 6));
  EXPECT_THAT(reader.read({.stream = "a", .from_ms = 6000, .to_ms = 3000}).positions(), IsEmpty());
  EXPECT_THAT(reader.read({.stream = "a", .from_ms = 11000}).positions(), IsEmpty());
}

TEST_P(JournalRead, TimesNeedNotBeInOrder) {
  ASSERT_TRUE(journal()
                  .append({{"t", "1", "", 500, {}},
                           {"t", "2", "", -100, {}},
                           {"t", "3", "", 400, {}},
                           {"t", "4", "", std::numeric_limits<std::int64_t>::max(), {}},
                           {"t", "5", "", std::numeric_limits<std::int64_t>::min(), {}}})
                  .ok());
  Reader reader = journal().reader();
  EXPECT_THAT(reader.read({.stream = "t", .from_ms = 400, .to_ms = 501}).positions(), ElementsAre(1, 3));
  EXPECT_THAT(reader.read({.stream = "t", .to_ms = 401}).positions(), ElementsAre(2, 3, 5));
  EXPECT_EQ(reader.count({.stream = "t", .from_ms = -100, .to_ms = 401}).count, 2u);
}

TEST_P(JournalRead, CountTakesNoNoticeOfPaging) {
  Reader reader = journal().reader();
  EXPECT_EQ(reader.count({.stream = "a"}).count, 10u);
  EXPECT_EQ(reader.count({.stream = "a", .backwards = true, .after = 3, .skip = 5, .limit = 1, .max_bytes = 1}).count,
            10u);
  EXPECT_EQ(reader.count({.stream = "a", .from_ms = 3000, .to_ms = 6000, .limit = 1}).count, 3u);
}

TEST_P(JournalRead, ManyRecordsComeInOrder) {
  for (int call = 0; call < 10; ++call)
    ASSERT_TRUE(journal().append(numbered("many", 700, label("c", call) + "-")).ok());
  Reader reader = journal().reader();
  const auto positions = reader.read({.stream = "many", .backwards = true, .skip = 500}).positions();
  ASSERT_EQ(positions.size(), 6500u);
  for (std::size_t i = 0; i < positions.size(); ++i) ASSERT_EQ(positions[i], 6500 - i);
}

TEST_P(JournalRead, AQueryOfAnotherFormIsRefused) {
  Reader reader = journal().reader();
  dgm_journal_query query{};
  query.size = sizeof query;
  query.limit = 1;
  query.flags = 64;
  const auto ignore = [](void*, const dgm_record*) -> dgm_status { return DGM_OK; };
  EXPECT_EQ(journal().table().read(reader.raw(), &query, ignore, nullptr, nullptr), DGM_E_INVALID);
  query.flags = 0;
  query.size = 8;
  Why small(4);
  EXPECT_EQ(journal().table().read(reader.raw(), &query, ignore, nullptr, &small), DGM_E_INVALID);
  EXPECT_EQ(small.len, 0u);
}

}  // namespace
}  // namespace journals_test
