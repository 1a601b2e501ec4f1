// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "stores.hpp"

namespace journals_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// 12 records; colour: red, green, blue in turn; even ones have size large, others small; 12 has no attribute.
class JournalFilter : public EveryJournal {
 protected:
  void SetUp() override {
    EveryJournal::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto records = numbered("a", 12);
    for (std::size_t i = 0; i < 11; ++i)
      records[i].attributes = {{"colour", std::array{"red", "green", "blue"}[i % 3]},
                               {"size", i % 2 ? "large" : "small"}};
    ASSERT_TRUE(journal().append(records).ok());
    // The same values in another stream must not show.
    for (Record& record : records) record.stream = "other";
    ASSERT_TRUE(journal().append(records).ok());
  }
};
EVERY_JOURNAL_DOES(JournalFilter);

TEST_P(JournalFilter, OneValue) {
  Reader reader = journal().reader();
  EXPECT_THAT(reader.read({.stream = "a", .filters = {{"colour", {"red"}}}}).positions(), ElementsAre(1, 4, 7, 10));
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .filters = {{"colour", {"red"}}}}).positions(),
              ElementsAre(10, 7, 4, 1));
}

TEST_P(JournalFilter, AnyOfSeveralValues) {
  Reader reader = journal().reader();
  const std::vector<std::string> values{"blue", "none", "red", "blue"};
  EXPECT_THAT(reader.read({.stream = "a", .filters = {{"colour", values}}}).positions(),
              ElementsAre(1, 3, 4, 6, 7, 9, 10));
  EXPECT_EQ(reader.count({.stream = "a", .filters = {{"colour", values}}}).count, 7u);
}

TEST_P(JournalFilter, AllFiltersMustHold) {
  Reader reader = journal().reader();
  const Query both{.stream = "a", .filters = {{"colour", {"red", "green"}}, {"size", {"large"}}}};
  EXPECT_THAT(reader.read(both).positions(), ElementsAre(2, 4, 8, 10));
  EXPECT_EQ(reader.count(both).count, 4u);
  const Query never{.stream = "a", .filters = {{"size", {"small"}}, {"size", {"large"}}}};
  EXPECT_THAT(reader.read(never).positions(), IsEmpty());
  EXPECT_EQ(reader.count(never).count, 0u);
}

TEST_P(JournalFilter, WithTheRestOfAQuery) {
  Reader reader = journal().reader();
  const std::vector<std::pair<std::string, std::vector<std::string>>> large{{"size", {"large"}}};
  EXPECT_THAT(reader.read({.stream = "a", .after = 2, .filters = large, .skip = 1, .limit = 2}).positions(),
              ElementsAre(6, 8));
  EXPECT_THAT(reader.read({.stream = "a", .backwards = true, .after = 10, .filters = large, .skip = 1}).positions(),
              ElementsAre(6, 4, 2));
  EXPECT_THAT(reader.read({.stream = "a", .from_ms = 4000, .to_ms = 9000, .filters = large}).positions(),
              ElementsAre(4, 6, 8));
  EXPECT_EQ(reader.count({.stream = "a", .from_ms = 4000, .to_ms = 8000, .filters = large}).count, 2u);
  EXPECT_THAT(reader.read({.stream = "a", .filters = large, .max_bytes = 7}).positions(), ElementsAre(2, 4));
}

TEST_P(JournalFilter, WhatMatchesNothing) {
  Reader reader = journal().reader();
  for (const auto& filter : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"colour", {}}, {"colour", {""}}, {"", {"red"}}, {"none", {"red"}}, {"colour", {std::string(5000, 'x')}}}) {
    const Query query{.stream = "a", .filters = {filter}};
    const Read read = reader.read(query);
    EXPECT_TRUE(read.ok()) << read;
    EXPECT_THAT(read.records, IsEmpty());
    const Counted count = reader.count(query);
    EXPECT_TRUE(count.ok()) << count;
    EXPECT_EQ(count.count, 0u);
  }
}

TEST_P(JournalFilter, ManyValues) {
  std::vector<std::string> values;
  for (int i = 0; i < 100; ++i) values.push_back(label("v", i));
  values.emplace_back("green");
  Reader reader = journal().reader();
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(reader.read({.stream = "a", .filters = {{"size", {"small", "large"}}, {"colour", values}}}).positions(),
                ElementsAre(2, 5, 8, 11));
}

TEST_P(JournalFilter, ValuesAreDifferentAndSorted) {
  Reader reader = journal().reader();
  EXPECT_THAT(reader.values("a", "colour").texts, ElementsAre("blue", "green", "red"));
  EXPECT_THAT(reader.values("a", "colour", 2).texts, ElementsAre("blue", "green"));
  EXPECT_THAT(reader.values("a", "colour", 0).texts, IsEmpty());
  EXPECT_THAT(reader.values("a", "none").texts, IsEmpty());
}

TEST_P(JournalFilter, ValuesSortByBytes) {
  ASSERT_TRUE(journal()
                  .append({{"s", "1", "", 1, {{"k", "b"}}},
                           {"s", "2", "", 1, {{"k", "B"}}},
                           {"s", "3", "", 1, {{"k", ""}}},
                           {"s", "4", "", 1, {{"k", "\xc3\xa4"}}},
                           {"s", "5", "", 1, {{"k", "a"}}}})
                  .ok());
  Reader reader = journal().reader();
  EXPECT_THAT(reader.values("s", "k").texts, ElementsAre("", "B", "a", "b", "\xc3\xa4"));
}

TEST_P(JournalFilter, ValuesGoWithTheirRecords) {
  dgm_journal_retention keep = retention();
  keep.records = 2;
  EXPECT_EQ(journal().trim("a", keep).removed, 10u);
  Reader reader = journal().reader();
  EXPECT_THAT(reader.values("a", "colour").texts, ElementsAre("green"));
  EXPECT_THAT(reader.read({.stream = "a", .filters = {{"colour", {"green"}}}}).positions(), ElementsAre(11));
  EXPECT_THAT(reader.values("other", "colour").texts, ElementsAre("blue", "green", "red"));
}

}  // namespace
}  // namespace journals_test
