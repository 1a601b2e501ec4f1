// SPDX-License-Identifier: Apache-2.0
// What an admin reads: bad files and the exact messages about them.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "loading.hpp"

namespace dragoman::config {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

struct Row {
  const char* name;
  std::string yaml;
  std::vector<std::string> errors;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const std::string good =
    "listeners: {l: {address: 127.0.0.1:80}}\n"
    "buses: {b: {plugin: embedded}}\n"
    "authenticators: {a: {type: static, tokens: [{token: t}]}}\n";
const std::string mounted = good + "mounts: {m: {plugin: wazo, listen: [{listener: l}]}}\n";

std::vector<Row> rows() {
  return {
#include "errors_table.inc"
  };
}

class BadFile : public testing::TestWithParam<Row> {};

TEST_P(BadFile, IsExplained) {
  const std::vector<std::string> found = errors_of(GetParam().yaml);
  EXPECT_THAT(found, ElementsAreArray(GetParam().errors));
  for (const std::string& line : found) EXPECT_THAT(line, Not(HasSubstr(secret)));
}

INSTANTIATE_TEST_SUITE_P(Errors, BadFile, testing::ValuesIn(rows()),
                         [](const testing::TestParamInfo<Row>& row) { return std::string(row.param.name); });

TEST(Errors, TheGoodBaseOfTheTableIsGood) {
  EXPECT_THAT(errors_of(mounted), testing::IsEmpty());
}

TEST(Errors, AreBounded) {
  std::string yaml = "listeners:\n";
  for (int i = 0; i < 3000; ++i) yaml += "  l" + std::to_string(i) + ": {adress: 1}\n";
  const auto errors = errors_of(yaml);
  EXPECT_EQ(errors.size(), 201u);
  EXPECT_EQ(errors.back(), "there are more errors, which are not listed");
}

}  // namespace
}  // namespace dragoman::config
