// SPDX-License-Identifier: Apache-2.0
#include "event/json_span.hpp"

#include <gmock/gmock.h>

namespace dragoman::event {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::string> elements(std::string_view text) {
  std::vector<std::string> out;
  JsonElements all(text);
  while (const auto element = all.next()) out.emplace_back(*element);
  return out;
}

std::vector<std::pair<std::string, std::string>> found_members(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  JsonMembers all(text);
  while (const auto member = all.next()) out.emplace_back(member->name, member->value);
  return out;
}

TEST(JsonSpan, FindsElements) {
  EXPECT_THAT(elements("[]"), IsEmpty());
  EXPECT_THAT(elements(" [ \n] "), IsEmpty());
  EXPECT_THAT(elements("[1]"), ElementsAre("1"));
  EXPECT_THAT(elements(" [ 1.50 ,\"a,]\\\"\" , {\"x\": [ 1, {} ]},null,[ ] ]"),
              ElementsAre("1.50", "\"a,]\\\"\"", "{\"x\": [ 1, {} ]}", "null", "[ ]"));
  EXPECT_THAT(elements("[[[]],[{}]]"), ElementsAre("[[]]", "[{}]"));
}

TEST(JsonSpan, FindsMembers) {
  EXPECT_THAT(found_members("{}"), IsEmpty());
  EXPECT_THAT(found_members("{\"a\" : true , \"b\\\"}\":{ \"c\":\"}\" }\n,\"\":-0.0e+1}"),
              ElementsAre(Pair("\"a\"", "true"), Pair("\"b\\\"}\"", "{ \"c\":\"}\" }"), Pair("\"\"", "-0.0e+1")));
}

TEST(JsonSpan, StaysInsideATextThatIsNotJson) {
  for (const char* text : {"", "[", "[\"", "[\"\\", "[{", "[{\"a", "{", "{\"", "{\"a\"", "{\"a\":", "{\"a\":\"\\",
                           "{\"a\":[", "{\"a\":1,", "[1,", "]", "}", "[}]", "{]}"}) {
    elements(text);
    found_members(text);
  }
}

}  // namespace
}  // namespace dragoman::event
