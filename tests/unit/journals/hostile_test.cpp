// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "stores.hpp"

namespace journals_test {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

class JournalHostile : public EveryJournal {};
EVERY_JOURNAL_DOES(JournalHostile);

const std::vector<std::string>& awkward() {
  static const std::vector<std::string> texts{"",
                                              "'",
                                              "\"",
                                              "'; DROP TABLE records; --",
                                              "\\",
                                              "\\x00",
                                              "%s%n",
                                              "$1",
                                              "{a,\"b\"}",
                                              "NULL",
                                              "\n\t",
                                              "\x01\x7f",
                                              "\xf0\x9f\x98\x80",
                                              "e\xcc\x81",
                                              "\xc3\xa9",
                                              std::string(256, 'x')};
  return texts;
}

TEST_P(JournalHostile, TextIsOnlyText) {
  std::vector<Record> records;
  for (const std::string& stream : {"normal"s, "'; DROP TABLE streams; --"s})
    for (const std::string& text : awkward()) records.push_back({stream, text, text, 5, {{text, text}}});
  for (const std::string& text : awkward()) records.push_back({text, "id", "", 5, {}});
  const Appended all = journal().append(records);
  ASSERT_TRUE(all.ok()) << all;
  Reader reader = journal().reader();
  const Read back = reader.read({.stream = "'; DROP TABLE streams; --"});
  ASSERT_EQ(back.records.size(), awkward().size());
  for (std::size_t i = 0; i < awkward().size(); ++i) {
    const std::string& text = awkward()[i];
    EXPECT_EQ(back.records[i].id, text);
    EXPECT_EQ(back.records[i].body, text);
    EXPECT_THAT(reader.values("normal", text).texts, ElementsAre(text));
    EXPECT_THAT(reader.read({.stream = "normal", .filters = {{text, {text}}}}).positions(), ElementsAre(i + 1));
  }
  // "normal", the one above it, and each awkward one, among which is no other.
  EXPECT_EQ(journal().streams().texts.size(), 2 + awkward().size());
  EXPECT_EQ(journal().append(records).fresh, std::vector<int>(records.size(), 0));
}

TEST_P(JournalHostile, BodiesAreBytes) {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  const std::vector<std::string> bodies{every, "\0"s, "\0\0abc\0"s, "\xff\xfe"s, "\xc3"s, ""s};
  std::vector<Record> records;
  for (const std::string& body : bodies) records.push_back({"a", std::to_string(records.size()), body, 1, {}});
  ASSERT_TRUE(journal().append(records).ok());
  Reader reader = journal().reader();
  const Read back = reader.read({.stream = "a"});
  ASSERT_EQ(back.records.size(), bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) EXPECT_EQ(back.records[i].body, bodies[i]);
  EXPECT_EQ(journal().measure().bytes, 256u + 1 + 6 + 2 + 1);
}

TEST_P(JournalHostile, WhatIsNoTextIsInvalid) {
  for (const std::string& bad : {"a\0b"s, "\xff"s, "\xc3"s, "\xed\xa0\x80"s, "\xc0\x80"s, "\xf4\x90\x80\x80"s}) {
    const std::vector<Record> refused{{bad, "id", "", 1, {}},
                                      {"a", bad, "", 1, {}},
                                      {"a", "id", "", 1, {{bad, "v"}}},
                                      {"a", "id", "", 1, {{"k", bad}}}};
    for (const Record& record : refused) {
      const Appended answer = journal().append({record});
      EXPECT_EQ(answer.status, DGM_E_INVALID);
      EXPECT_FALSE(answer.why.empty());
    }
    EXPECT_EQ(journal().trim(bad, retention()).status, DGM_E_INVALID);
    Reader reader = journal().reader();
    EXPECT_EQ(reader.read({.stream = bad}).status, DGM_E_INVALID);
    EXPECT_EQ(reader.count({.stream = "a", .filters = {{"k", {bad}}}}).status, DGM_E_INVALID);
    EXPECT_EQ(reader.values("a", bad).status, DGM_E_INVALID);
  }
  EXPECT_EQ(journal().measure().records, 0u);
}

TEST_P(JournalHostile, Bounds) {
  const std::string stream(256, 's'), id(1024, 'i'), name(256, 'n'), value(1024, 'v');
  EXPECT_TRUE(journal().append({{stream, id, "", 1, {{name, value}}}}).ok());
  EXPECT_EQ(journal().append({{stream + "s", id, "", 1, {}}}).status, DGM_E_INVALID);
  EXPECT_EQ(journal().append({{stream, id + "i", "", 1, {}}}).status, DGM_E_INVALID);
  EXPECT_EQ(journal().append({{stream, "1", "", 1, {{name + "n", value}}}}).status, DGM_E_INVALID);
  EXPECT_EQ(journal().append({{stream, "1", "", 1, {{name, value + "v"}}}}).status, DGM_E_INVALID);
  EXPECT_EQ(journal().append({{stream, "1", "", 1, {{"n", "1"}, {"m", "2"}, {"n", "3"}}}}).status, DGM_E_INVALID);
  EXPECT_EQ(journal().measure().records, 1u);
}

TEST_P(JournalHostile, LongTextThatDoesNotCompressStillFitsTheIndexes) {
  std::uint32_t state = 1;
  const auto noise = [&](std::size_t size) {
    std::string out;
    while (out.size() < size) out += static_cast<char>('!' + ((state = state * 1664525 + 1013904223) >> 24) % 90);
    return out;
  };
  const Appended answer = journal().append({{noise(256), noise(1024), noise(5000), 1, {{noise(256), noise(1024)}}}});
  EXPECT_TRUE(answer.ok()) << answer;
}

}  // namespace
}  // namespace journals_test
