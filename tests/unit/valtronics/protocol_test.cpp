// SPDX-License-Identifier: Apache-2.0
// valtronics digest sections 3 to 6: messages, batches, sizes and answers.
#include "protocol.hpp"

#include <gtest/gtest.h>

namespace valtronics {
namespace {

const Settings defaults;

std::vector<Command> parse(const std::string& text, std::optional<Channel> fixed = std::nullopt,
                           const Settings& settings = defaults) {
  return parse_frame(text, fixed, settings);
}
Command one(const std::string& text, std::optional<Channel> fixed = std::nullopt) {
  auto commands = parse(text, fixed);
  EXPECT_EQ(commands.size(), 1u) << text;
  return commands.at(0);
}
std::string code(const Command& command) {
  const auto* problem = std::get_if<Problem>(&command);
  return problem ? std::string(problem->code) : "none";
}
std::string code(const std::string& text, std::optional<Channel> fixed = std::nullopt) {
  return code(one(text, fixed));
}
std::string batch(std::size_t count, const std::string& item = R"({"type":"ping"})") {
  std::string out = R"({"type":"batch","messages":[)";
  for (std::size_t i = 0; i < count; ++i) out += (i ? "," : "") + item;
  return out + "]}";
}
// A message of so many bytes.
std::string sized(std::size_t bytes, const std::string& type = "subscribe") {
  std::string out = R"({"type":")" + type + R"(","channel":"alerts","token":")";
  out.append(bytes - out.size() - 2, 'x');
  return out + "\"}";
}

TEST(ValtronicsProtocol, Commands) {
  EXPECT_EQ(std::get<Auth>(one(R"({"type":"auth","token":"t"})")).token, "t");
  EXPECT_EQ(std::get<Auth>(one(R"({"type":"auth"})")).token, "");
  EXPECT_EQ(std::get<Auth>(one(R"({"type":"auth","token":5})")).token, "");
  const auto subscribe =
      std::get<Subscribe>(one(R"({"type":"subscribe","channel":"telemetry","device_id":1,"x":[1]})"));
  EXPECT_EQ(subscribe.channel, Channel::telemetry);
  EXPECT_EQ(subscribe.subscription.devices, Values{"1"});
  EXPECT_EQ(std::get<Unsubscribe>(one(R"({"type":"unsubscribe","channel":"devices","device_id":[2,1]})")).devices,
            (Values{"1", "2"}));
  EXPECT_EQ(std::get<Ping>(one(R"({"type":"ping"})")).timestamp, std::nullopt);
  EXPECT_EQ(std::get<Ping>(one(R"({"type":"ping","timestamp":"x"})")).timestamp, "x");
}

TEST(ValtronicsProtocol, Problems) {
  EXPECT_EQ(code("{"), "invalid_json");
  EXPECT_EQ(code(""), "invalid_json");
  for (const char* text :
       {"[]", "1", "null", "{}", R"({"type":1})", R"({"type":"ping","timestamp":1})", R"({"type":"subscribe"})",
        R"({"type":"subscribe","channel":1})", R"({"type":"unsubscribe"})", R"({"type":"batch"})",
        R"({"type":"batch","messages":{}})", R"({"type":"batch","messages":[]})"})
    EXPECT_EQ(code(text), "invalid_message") << text;
  EXPECT_EQ(code(R"({"type":"zzz"})"), "unknown_message_type");
  EXPECT_EQ(code(R"({"type":"subscribe","channel":"foo"})"), "unknown_channel");
  EXPECT_EQ(code(R"({"type":"subscribe","channel":"telemetry","metrics":1})"), "invalid_filters");
  EXPECT_EQ(code(R"({"type":"subscribe","channel":"telemetry","frequency":"abc"})"), "invalid_frequency");
  EXPECT_TRUE(std::get<Problem>(one(R"({"type":"subscribe"})")).behind_auth);
  EXPECT_FALSE(std::get<Problem>(one(R"({"type":"zzz"})")).behind_auth);
}

TEST(ValtronicsProtocol, DedicatedEndpoints) {
  EXPECT_EQ(std::get<Subscribe>(one(R"({"type":"subscribe"})", Channel::system)).channel, Channel::system);
  EXPECT_EQ(code(R"({"type":"subscribe","channel":"alerts"})", Channel::system), "channel_not_available");
  EXPECT_EQ(code(R"({"type":"unsubscribe","channel":"alerts"})", Channel::system), "channel_not_available");
  EXPECT_EQ(code(R"({"type":"subscribe","channel":"foo"})", Channel::system), "unknown_channel");
}

TEST(ValtronicsProtocol, Aliases) {
  EXPECT_EQ(std::get<Subscribe>(one(R"({"type":"subscribe","channel":"device_status"})")).channel, Channel::devices);
  Settings strict;
  strict.channel_aliases = false;
  EXPECT_EQ(code(parse(R"({"type":"subscribe","channel":"device_status"})", std::nullopt, strict)[0]),
            "unknown_channel");
}

TEST(ValtronicsProtocol, Batches) {
  EXPECT_EQ(parse(batch(50)).size(), 50u);
  EXPECT_EQ(code(batch(51)), "batch_too_large");
  EXPECT_EQ(std::get<Problem>(one(batch(51))).limit, 50u);
  const auto mixed =
      parse(R"({"type":"batch","messages":[{"type":"ping"},7,{"type":"subscribe","channel":"devices"}]})");
  ASSERT_EQ(mixed.size(), 3u);
  EXPECT_EQ(code(mixed[1]), "invalid_message");
  EXPECT_TRUE(std::holds_alternative<Subscribe>(mixed[2]));
  EXPECT_EQ(code(R"({"type":"batch","messages":[{"type":"ping"},{"type":"batch","messages":[]}]})"), "invalid_message")
      << "nothing of it runs";
  Settings open;
  open.max_batch_items = 0;
  EXPECT_EQ(parse(batch(200), std::nullopt, open).size(), 200u);
}

TEST(ValtronicsProtocol, Sizes) {
  EXPECT_EQ(code(sized(1024)), "none");
  EXPECT_EQ(code(sized(1025)), "message_too_large");
  EXPECT_EQ(code(sized(1000) + std::string(25, ' ')), "message_too_large");
  EXPECT_EQ(std::get<Problem>(one(sized(1025))).limit, 1024u);
  EXPECT_EQ(code(sized(8192, "auth")), "none");
  EXPECT_EQ(code(sized(8193, "auth")), "message_too_large");
  EXPECT_EQ(code(sized(1025) + "x"), "message_too_large") << "before anything else about it";
  const auto items = parse(R"({"type":"batch","messages":[)" + sized(1024) + "," + sized(1025) + "," +
                           sized(8192, "auth") + "," + sized(20000, "auth") + "]}");
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(code(items[0]), "none");
  EXPECT_EQ(code(items[1]), "message_too_large");
  EXPECT_EQ(code(items[2]), "none");
  EXPECT_EQ(code(items[3]), "message_too_large");
  EXPECT_EQ(parse(batch(50, sized(1024))).size(), 50u);
  EXPECT_EQ(code(batch(1) + std::string(51 * 1024, ' ')), "message_too_large");
  Settings open;
  open.max_message_bytes = 0;
  EXPECT_EQ(code(parse(sized(60000), std::nullopt, open)[0]), "none");
}

TEST(ValtronicsProtocol, Answers) {
  EXPECT_EQ(auth_failed("invalid_token", "No \"x\""),
            R"({"type":"auth_response","success":false,"error":"invalid_token","message":"No \"x\""})");
  EXPECT_EQ(pong("T", std::nullopt), R"({"type":"pong","timestamp":"T"})");
  EXPECT_EQ(pong("T", "c"), R"({"type":"pong","timestamp":"T","client_timestamp":"c"})");
  const auto unknown = std::get<Problem>(one(R"({"type":"subscribe","channel":"foo"})"));
  EXPECT_EQ(error(unknown, false),
            R"({"type":"error","error":"unknown_channel","message":"Unknown channel: foo","channel":"foo"})");
  EXPECT_EQ(error(unknown, true), R"({"error":"Unknown channel: foo"})");
  EXPECT_EQ(error(rate_limit_exceeded(100), false),
            R"({"type":"error","error":"rate_limit_exceeded","message":"Too many messages per second","limit":100})");
  EXPECT_EQ(confirmation(true, Channel::telemetry, {"1"}),
            R"({"type":"subscription_confirmed","channel":"telemetry","device_id":1})");
  EXPECT_EQ(confirmation(false, Channel::devices, {R"("A")", "2"}),
            R"({"type":"unsubscription_confirmed","channel":"devices","device_id":["A",2]})");
  EXPECT_EQ(confirmation(true, Channel::alerts, {}), R"({"type":"subscription_confirmed","channel":"alerts"})");
}

TEST(ValtronicsProtocol, LongNamesAreCutAtACharacter) {
  std::string type(63, 'a');
  type += "\xc2\xb0\xc2\xb0";
  EXPECT_EQ(std::get<Problem>(one(R"({"type":")" + type + "\"}")).text,
            "Unknown message type: " + std::string(63, 'a'));
}

}  // namespace
}  // namespace valtronics
