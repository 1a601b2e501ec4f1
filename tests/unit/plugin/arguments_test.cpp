// SPDX-License-Identifier: Apache-2.0
#include "plugin/arguments.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dragoman::plugin {
namespace {

// A struct of a later minor: ours with a tail.
struct LaterInterest {
  dgm_interest known{};
  std::uint64_t tail = 0;
};

TEST(ReadData, TakesItsOwnSize) {
  dgm_interest from{}, to{};
  from.size = sizeof from;
  from.cookie = 7;
  ASSERT_TRUE(read_data(&from, to));
  EXPECT_EQ(to.cookie, 7u);
}

TEST(ReadData, FillsAShorterFirstFormWithZeros) {
  dgm_interest from{}, to{};
  from.size = offsetof(dgm_interest, cookie);
  from.cookie = 7;
  ASSERT_TRUE(read_data(&from, to, offsetof(dgm_interest, cookie)));
  EXPECT_EQ(to.cookie, 0u);
}

TEST(ReadData, AnUnknownTailMustBeZero) {
  LaterInterest from;
  from.known.size = sizeof from;
  dgm_interest to{};
  EXPECT_TRUE(read_data(&from.known, to));
  from.tail = std::uint64_t{1} << 63;
  EXPECT_FALSE(read_data(&from.known, to));
}

TEST(ReadData, RefusesNullShortAndAbsurd) {
  dgm_interest from{}, to{};
  EXPECT_FALSE(read_data<dgm_interest>(nullptr, to));
  from.size = sizeof from - 1;
  EXPECT_FALSE(read_data(&from, to));
  from.size = 0;
  EXPECT_FALSE(read_data(&from, to));
  from.size = 0xffffffffu;
  EXPECT_FALSE(read_data(&from, to));
}

TEST(WrongWith, Events) {
  dgm_event event{};
  EXPECT_EQ(wrong_with(event), nullptr);
  event.flags = 1;
  EXPECT_NE(wrong_with(event), nullptr);
  event = {};
  event.key = {nullptr, 3};
  EXPECT_NE(wrong_with(event), nullptr);
  event = {};
  event.body = {"", payload_limit + 1};
  EXPECT_NE(wrong_with(event), nullptr);
  event = {};
  event.attribute_count = 1;
  EXPECT_NE(wrong_with(event), nullptr);
  dgm_field field{};
  event.attributes = &field;
  EXPECT_EQ(wrong_with(event), nullptr);
  field.value = {nullptr, 1};
  EXPECT_NE(wrong_with(event), nullptr);
  const std::vector<dgm_field> many(attribute_limit + 1);
  event.attributes = many.data();
  event.attribute_count = many.size();
  EXPECT_NE(wrong_with(event), nullptr);
}

TEST(WrongWith, Interests) {
  dgm_interest interest{};
  interest.flags = DGM_INTEREST_LITERAL;
  EXPECT_EQ(wrong_with(interest), nullptr);
  interest.flags = 2;
  EXPECT_NE(wrong_with(interest), nullptr);
  interest = {};
  interest.variant = DGM_VARIANT_SKIP;
  EXPECT_NE(wrong_with(interest), nullptr);
}

}  // namespace
}  // namespace dragoman::plugin
