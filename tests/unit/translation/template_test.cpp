// SPDX-License-Identifier: Apache-2.0
#include "translation/template.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace dragoman::translation {
namespace {

event::EventPtr sample() {
  event::EventParts e;
  e.id = "42";
  e.key = "plant.pump-7.alarm";
  e.time_ms = 1'700'000'000'123;
  const event::Attribute attributes[] = {{"source", "/plant/1"}, {"bad", "\xff"}};
  e.attributes = attributes;
  e.body = R"({"device":"pump.7","level":1.50,"on":true,"none":null,"list":[1,2],"account":"4b31dd","é":"ßx"})";
  return event::make_event(e);
}

enum class As { text, key, value };

std::string made(std::string_view text, As as, std::size_t limit = 1000) {
  std::string why, out;
  const auto parsed = Template::parse(text, why);
  if (!parsed) return "refused";
  const event::EventPtr e = sample();
  Source source(*e);
  const Outcome outcome = as == As::text  ? parsed->text(source, out, limit)
                          : as == As::key ? parsed->key(source, out, limit)
                                          : parsed->value(source, out, limit);
  static constexpr const char* names[] = {"", "missing", "invalid", "too large"};
  return outcome == Outcome::made ? out : names[static_cast<int>(outcome)];
}

TEST(Template, PlaceholdersStandForPartsOfTheEvent) {
  EXPECT_EQ(made("${/device}/${attribute.source}/${key.1}/${key}/${id}", As::text),
            "pump.7//plant/1/pump-7/plant.pump-7.alarm/42");
  EXPECT_EQ(made("at ${time}", As::text), "at 2023-11-14T22:13:20.123Z");
  EXPECT_EQ(made("${/level} ${/on} ${/list/1}", As::text), "1.50 true 2");
  EXPECT_EQ(made("$${/device} $$ $", As::text), "${/device} $$ $");
}

TEST(Template, ALonePlaceholderKeepsItsType) {
  EXPECT_EQ(made("${/level}", As::value), "1.50");
  EXPECT_EQ(made("${/on}", As::value), "true");
  EXPECT_EQ(made("${/none}", As::value), "null");
  EXPECT_EQ(made("${/list}", As::value), "[1,2]");
  EXPECT_EQ(made("${/device}", As::value), R"("pump.7")");
  EXPECT_EQ(made("${key.0}", As::value), R"("plant")");
  EXPECT_EQ(made(" ${/level}", As::value), R"(" 1.50")");
  EXPECT_EQ(made("${body}", As::value), sample()->body);
}

TEST(Template, WhatIsMissingHasADefaultOrIsToldSo) {
  for (const char* text : {"${/x}", "${attribute.x}", "${key.3}", "a${/none}"})
    EXPECT_EQ(made(text, As::text), "missing");
  EXPECT_EQ(made("${/x:-a b}!", As::text), "a b!");
  EXPECT_EQ(made("a${/none:-0}", As::text), "a0");
  EXPECT_EQ(made("${/x:-0}", As::value), "0");
  EXPECT_EQ(made("${/x:-}", As::value), R"("")");
  EXPECT_EQ(made(R"(${/x:-"0"})", As::value), R"("0")");
  EXPECT_EQ(made("${/x:-{}", As::value), R"("{")");
  EXPECT_EQ(made("${/none:-no}", As::value), R"("no")");
}

TEST(Template, TextsAreCutInCharacters) {
  EXPECT_EQ(made("${/account:0:2}-${/account:2:2}-${/account:4}-${/account:9:2}", As::text), "4b-31-dd-");
  EXPECT_EQ(made("${/é:0:1}", As::value), R"("ß")");
  EXPECT_EQ(made("${/x:0:1:-none}", As::text), "none");
}

TEST(Template, DataStaysInsideItsTokenOfAKey) {
  EXPECT_EQ(made("alarms.${/device}.${/level}", As::key), "alarms.pump%2E7.1%2E50");
  EXPECT_EQ(made("${attribute.source}", As::key), "%2Fplant%2F1");
  EXPECT_EQ(made("x.${key}.y", As::key), "x.plant.pump-7.alarm.y");
  EXPECT_EQ(made("${/x:-*.#}", As::key), "%2A%2E%23");
  EXPECT_EQ(made("${/account:9:2}", As::key), "missing");
}

TEST(Template, WhatCannotStandAtAPlaceIsInvalid) {
  EXPECT_EQ(made("a${/list}", As::text), "invalid");
  EXPECT_EQ(made("${/list}", As::key), "invalid");
  EXPECT_EQ(made("${attribute.bad}", As::value), "invalid");
}

TEST(Template, LimitsHold) {
  EXPECT_EQ(made("${body}", As::value, 20), "too large");
  EXPECT_EQ(made("${/device}${/device}${/device}${/device}", As::text, 20), "too large");
  EXPECT_EQ(made("0123456789", As::value, 11), "too large");
}

TEST(Template, WhatIsNoPlaceholderIsRefused) {
  for (const char* text :
       {"${", "${}", "${x}", "${key.x}", "${key.-1}", "${attribute.}", "${/a~}", "${env:HOME}", "${ /a}"})
    EXPECT_EQ(made(text, As::text), "refused") << text;
}

TEST(BodyTemplate, IsJsonWhoseStringsAreTemplates) {
  std::vector<BodyTemplate::Problem> problems;
  const auto body = BodyTemplate::compile(
      boost::json::parse(R"({"a": "${/level}", "b": ["x${/device}", 1.5, null, {}], "c": "\"", "d": []})"), "body",
      problems);
  ASSERT_TRUE(problems.empty());
  const event::EventPtr e = sample();
  Source source(*e);
  std::string out;
  EXPECT_EQ(body.write(source, out, 1000), Outcome::made);
  EXPECT_EQ(out, R"({"a":1.50,"b":["xpump.7",1.5,null,{}],"c":"\"","d":[]})");
  out.clear();
  EXPECT_EQ(body.write(source, out, 10), Outcome::too_large);
}

TEST(BodyTemplate, SaysWhereItIsWrong) {
  std::vector<BodyTemplate::Problem> problems;
  BodyTemplate::compile(boost::json::parse(R"({"a": ["${nope}"], "${/x}": 1})"), "body", problems);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].path, "body.a[0]");
  EXPECT_EQ(problems[1].path, R"(body["${/x}"])");
}

TEST(BodyTemplate, AWholeBodyMayBeOneValue) {
  std::vector<BodyTemplate::Problem> problems;
  const auto body = BodyTemplate::compile("${/list}", "body", problems);
  const event::EventPtr e = sample();
  Source source(*e);
  std::string out;
  EXPECT_EQ(body.write(source, out, 1000), Outcome::made);
  EXPECT_EQ(out, "[1,2]");
}

}  // namespace
}  // namespace dragoman::translation
