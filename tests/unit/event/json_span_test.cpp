// SPDX-License-Identifier: Apache-2.0
#include "event/json_span.hpp"

#include <gmock/gmock.h>

namespace dragoman::event {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(JsonSpan, FindsElements) {
  EXPECT_THAT(json_elements("[]"), IsEmpty());
  EXPECT_THAT(json_elements(" [ \n] "), IsEmpty());
  EXPECT_THAT(json_elements("[1]"), ElementsAre("1"));
  EXPECT_THAT(json_elements(" [ 1.50 ,\"a,]\\\"\" , {\"x\": [ 1, {} ]},null,[ ] ]"),
              ElementsAre("1.50", "\"a,]\\\"\"", "{\"x\": [ 1, {} ]}", "null", "[ ]"));
  EXPECT_THAT(json_elements("[[[]],[{}]]"), ElementsAre("[[]]", "[{}]"));
}

TEST(JsonSpan, FindsMembers) {
  EXPECT_THAT(json_members("{}"), IsEmpty());
  EXPECT_THAT(json_members("{\"a\" : true , \"b\\\"}\":{ \"c\":\"}\" }\n,\"\":-0.0e+1}"),
              ElementsAre(Pair("\"a\"", "true"), Pair("\"b\\\"}\"", "{ \"c\":\"}\" }"), Pair("\"\"", "-0.0e+1")));
}

TEST(JsonSpan, StaysInsideATextThatIsNotJson) {
  for (const char* text : {"", "[", "[\"", "[\"\\", "[{", "[{\"a", "{", "{\"", "{\"a\"", "{\"a\":", "{\"a\":\"\\",
                           "{\"a\":[", "{\"a\":1,", "[1,", "]", "}", "[}]", "{]}"}) {
    json_elements(text);
    json_members(text);
  }
}

}  // namespace
}  // namespace dragoman::event
