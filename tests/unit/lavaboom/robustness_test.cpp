// SPDX-License-Identifier: Apache-2.0
// Damaged text, with a fixed seed: whatever is read from it must be safe to send on.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <random>

#include "common/json_items.hpp"
#include "common/json_string.hpp"
#include "dialects_common/damaged_text.hpp"
#include "examples.hpp"
#include "header_rules.hpp"
#include "writer.hpp"

namespace lavaboom {
namespace {

void well_formed(const std::string& text) {
  boost::json::error_code failure;
  const auto value = boost::json::parse(text, failure);
  ASSERT_FALSE(failure) << text;
  ASSERT_TRUE(value.is_object());
}

void sendable(const Request& request) {
  ASSERT_TRUE(is_token(request.method));
  ASSERT_TRUE(request.path.starts_with('/'));
  ASSERT_TRUE(std::all_of(request.path.begin(), request.path.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
  for (const auto& [name, value] : request.headers) {
    ASSERT_TRUE(may_forward(name));
    ASSERT_TRUE(is_header_value(value));
  }
  well_formed(response(request.id, 200, request.headers, request.body, ResultType::response));
}

void use(const std::string& text) {
  const Message message = parse_message(text, {});
  if (const auto* request = std::get_if<Request>(&message)) sendable(*request);
  if (const auto* refused = std::get_if<Refused>(&message)) {
    ASSERT_TRUE(refused->status == 400 || refused->status == 413);
    well_formed(failure(refused->id, refused->status, refused->message, ResultType::result));
  }
  if (const auto* unknown = std::get_if<Unknown>(&message))
    for (const auto& reply : unknown_replies(*unknown, {})) well_formed(reply);
  if (const auto* subscribe = std::get_if<Subscribe>(&message)) {
    ASSERT_TRUE(is_header_value(subscribe->token));
  }

  if (const auto event = parse_queue_message(delivery_key, text)) {
    well_formed(event_message(*event, false));
    well_formed(event_message(*event, true));
  }
  parse_email(text);
  parse_thread_labels(text);
  parse_token(text);
  email_path(text);
  well_formed(error(text));
  well_formed(response("1", 200, {{text, text}, {"Connection", text}}, text, ResultType::response));

  // Text that nobody checked.
  for (dialects::Items items(text); items.next();) items.key();
  dialects::find_member(text, "type");
  dialects::read_string(text);
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> texts = {
      request_example,
      response_example,
      subscribe_example,
      unsubscribe_example,
      delivery_example,
      R"({"type":"request","id":[1,{"a":"}"}],"method":"post","path":"/a%20b?c=\u00e9#d","headers":{"A":["x",5,null,[]],"\u0042":1.5e3,"Host":"x"},"body":"\ud83d\ude00null"})",
      R"({"id":"e2","owner":"a1","name":"Hi","thread":"t2","labels":["l1","l2"]})",
      R"({"email":{"name":"Hello","thread":"t"},"thread":{"labels":["l"]},"token":{"owner":"a","type":"auth","expiry_date":"2015-03-01T10:00:00.5Z"}})"};
  return texts;
}

TEST(LavaboomRobustness, TruncatedText) {
  for (const std::string& text : samples())
    for (std::size_t size = 0; size <= text.size(); ++size) ASSERT_NO_FATAL_FAILURE(use(text.substr(0, size)));
}

TEST(LavaboomRobustness, ChangedText) {
  std::mt19937 random(1);
  static constexpr std::string_view likely = "{}[]\",:\\ue0123/.%\r\n\x80\xff";
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = dialects::damaged(samples()[random() % samples().size()], likely, random);
    ASSERT_NO_FATAL_FAILURE(use(text));
  }
}

TEST(LavaboomRobustness, RandomText) {
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) ASSERT_NO_FATAL_FAILURE(use(dialects::random_text(random)));
}

}  // namespace
}  // namespace lavaboom
