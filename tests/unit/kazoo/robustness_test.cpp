// SPDX-License-Identifier: Apache-2.0
// Whatever comes is answered or dropped, and what is made of it is JSON again.
#include <gtest/gtest.h>

#include <random>

#include "common/json_text.hpp"
#include "event_body.hpp"
#include "key_encoding.hpp"
#include "protocol.hpp"
#include "socket_listing.hpp"
#include "socket_question.hpp"

namespace kazoo {
namespace {

const std::vector<std::string> seeds{
    R"({"action":"subscribe","auth_token":"T","request_id":"r1","name":{"a":[1]},"data":{"account_id":"4b31","binding":"call.*.*"}})",
    R"({"action":"subscribe","data":{"bindings":["object.*.*","conference.event.*.C1.*","fax.status.a%2Eb"],"metadata":1e5}})",
    R"({"Call-ID":"a.b@c","Event-Name":"CHANNEL_CREATE","Node":null,"Custom-Channel-Vars":{"Account-ID":"\u00e9"}})",
    R"({"Event-Category":"websockets","Event-Name":"get_req","Account-ID":"a","Msg-ID":"m\n","Server-ID":"pid://<0.1.0>/q"})",
    R"({"A-B":[{"C-D":1,"E":null},null,[{"F-":"G-H"}]],"a_b":{"":{"":{}}}})"};
const std::vector<std::string> bindings{"call.*.x",          "conference.event.*.C1.*", "conference.command.C1",
                                        "fax.object.edited", "object.doc_created.*",    "presence.dialog.a%40b"};

std::string mutate(std::string text, std::mt19937& random) {
  static const std::string bytes = "{}[]\",:\\0 1e-.*#%\xff\xc2ntu";
  for (std::size_t n = 1 + random() % 4; n > 0 && !text.empty(); --n) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text.erase(at, 1 + random() % 5);
        break;
      case 1:
        text[at] = bytes[random() % bytes.size()];
        break;
      case 2:
        text.insert(at, 1, bytes[random() % bytes.size()]);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 20));
    }
  }
  return text;
}

TEST(KazooRobustness, Messages) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = mutate(seeds[random() % seeds.size()], random);
    if (const auto message = parse_message(text, {})) {
      ASSERT_TRUE(dialects::parse_json(error_reply(message->request_id, message->action))) << text;
      const std::string socket = socket_json({"i", "s", "d", 1, message->bindings, message->name, message->metadata});
      ASSERT_TRUE(dialects::parse_json(socket)) << text;
    }
    if (const auto facts = read_event(text)) {
      const std::string event = event_head("s", "k") + event_tail(*facts, call_routing_key(*facts));
      ASSERT_TRUE(dialects::parse_json(event)) << text << event;
    }
    if (const auto question = parse_socket_question(text)) {
      ASSERT_TRUE(dialects::parse_json(socket_answer(*question, "{}"))) << text;
    }
  }
}

// A key may never reach beyond the account: each pattern names it, but for commands, where bodies are looked at.
TEST(KazooRobustness, Bindings) {
  std::mt19937 random(2);
  const std::string account(32, 'a');
  const std::vector<std::string> months{"202403"};
  const BindingOptions options{{"call", "conference", "fax", "object", "presence"}};
  for (int i = 0; i < 20000; ++i) {
    const std::string text = mutate(bindings[random() % bindings.size()], random);
    const auto parsed = parse_binding(text, options);
    if (!std::holds_alternative<Binding>(parsed)) continue;
    for (const Interest& interest : interests_of(std::get<Binding>(parsed), {account, "realm", months})) {
      ASSERT_LE(interest.key.size(), 255u);
      const bool named = interest.key.find(account) != std::string::npos ||
                         interest.key.find(account_database(account)) != std::string::npos ||
                         (interest.exchange == "presence" && interest.key.find(".realm.") != std::string::npos);
      ASSERT_TRUE(named || interest.check != Check::none) << text << " " << interest.key;
    }
  }
}

}  // namespace
}  // namespace kazoo
