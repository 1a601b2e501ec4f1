// SPDX-License-Identifier: Apache-2.0
#include "socket_question.hpp"

#include <gtest/gtest.h>

namespace kazoo {
namespace {

std::string question(const std::string& members) {
  return R"({"Event-Category":"websockets","Event-Name":"get_req")" + members + "}";
}

TEST(SocketQuestion, NamesAccountsSocketAndQueue) {
  const auto read = parse_socket_question(question(
      R"(,"Account-ID":"a","Auth-Account-ID":"b","Socket-ID":"192.0.2.1:5","Msg-ID":"m \"1\"","Server-ID":"q.1/x")"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->account, "a");
  EXPECT_EQ(read->own, "b");
  EXPECT_EQ(read->socket, "192.0.2.1:5");
  EXPECT_EQ(read->queue, "q.1/x");
  EXPECT_EQ(read->pid, "");
  EXPECT_EQ(socket_answer(*read, "[]"),
            R"({"Data":[],"Msg-ID":"m \"1\"","Event-Category":"websockets","Event-Name":"get_resp",)"
            R"("App-Name":"blackhole","App-Version":"4.0.0"})");
}

TEST(SocketQuestion, MayLeaveOutWhatIsNotNeeded) {
  const auto read =
      parse_socket_question(question(R"(,"Account-ID":"a","Server-ID":"q","Socket-ID":null,"Node":[1,{}])"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->own, "");
  EXPECT_FALSE(read->socket);
  EXPECT_EQ(socket_answer(*read, "{}"), R"({"Data":{},"Event-Category":"websockets","Event-Name":"get_resp",)"
                                        R"("App-Name":"blackhole","App-Version":"4.0.0"})");
}

TEST(SocketQuestion, MayComeFromAProcess) {
  const auto read =
      parse_socket_question(question(R"(,"Account-ID":"a","Server-ID":"pid://<0.12.0>/targeted/apps-1")"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->pid, "<0.12.0>");
  EXPECT_EQ(read->queue, "targeted/apps-1");
}

TEST(SocketQuestion, IsNoneUnlessSomebodyCanBeAnswered) {
  const std::string account = R"(,"Account-ID":"a")", server = R"(,"Server-ID":"q")", longest(255, 'x');
  for (const std::string& bad :
       {std::string(), std::string("x"), std::string("[]"), std::string("{}"), question(account), question(server),
        question(account + R"(,"Server-ID":"")"), question(account + R"(,"Server-ID":5)"),
        question(account + R"(,"Server-ID":"pid://p")"), question(account + R"(,"Server-ID":"pid:///q")"),
        question(account + R"(,"Server-ID":"pid://p/")"), question(account + R"(,"Server-ID":"x)" + longest + "\""),
        question(account + server + R"(,"Msg-ID":"x)" + longest + "\""),
        question(account + server + R"(,"Msg-ID":[1])"), question(account + server + R"(,"Socket-ID":{})"),
        question(server + R"(,"Account-ID":null)"),
        R"({"Event-Category":"websockets","Event-Name":"get_resp")" + account + server + "}",
        R"({"Event-Name":"get_req")" + account + server + "}"})
    EXPECT_FALSE(parse_socket_question(bad)) << bad;
  EXPECT_TRUE(
      parse_socket_question(question(account + R"(,"Msg-ID":")" + longest + R"(","Server-ID":")" + longest + "\"")));
}

}  // namespace
}  // namespace kazoo
