// SPDX-License-Identifier: Apache-2.0
#include "translation/check.hpp"

#include <gmock/gmock.h>

#include "rules.hpp"
#include "translation/key_overlap.hpp"

namespace dragoman::translation {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// A mount of the bus takes the channel xivo.
std::vector<std::string> wrong(const std::string& translations,
                               std::vector<Audience> audiences = {{"wazo", 0, false, {{"xivo", "#"}}}},
                               std::vector<std::optional<std::string>> channels = {std::nullopt}) {
  Loaded loaded = load(translations);
  if (!loaded.errors.empty()) return loaded.errors;
  std::vector<config::Error> errors;
  check(loaded.rules, audiences, channels, loaded.configuration.locations, errors);
  std::vector<std::string> out;
  for (const auto& error : errors) {
    EXPECT_GT(error.where.line, 0u) << error.text();
    out.push_back(error.path + ": " + error.message);
  }
  return out;
}

TEST(Check, AGoodRuleIsGood) {
  EXPECT_THAT(wrong("  r: {match: {key: 'a.*'}, events: [{channel: xivo, key: 'b.${key.1}', body: {a: '${/x}'}}]}\n"),
              IsEmpty());
}

TEST(Check, PointersAndPlaceholders) {
  EXPECT_THAT(
      wrong("  r: {match: {key: a, body: {x: 1}}, events: [{channel: xivo, key: '${x}', body: {a: ['${/~}']}}]}\n"),
      ElementsAre(AllOf(StartsWith("translations.r.match.body.x: "), HasSubstr("begins with /")),
                  AllOf(StartsWith("translations.r.events[0].key: "), HasSubstr("no placeholder")),
                  AllOf(StartsWith("translations.r.events[0].body.a[0]: "), HasSubstr("~ is followed"))));
  EXPECT_THAT(wrong("  r: {match: {key: a}, events: [{channel: 'x${id}', key: b, attributes: {x: '${env:HOME}'}}]}\n"),
              ElementsAre(HasSubstr("a channel is fixed"), HasSubstr("references are not followed in translations")));
}

TEST(Check, ChannelsThatNobodyTakes) {
  EXPECT_THAT(wrong("  r: {match: {key: a}, events: [{channel: xiv, key: b}]}\n"),
              ElementsAre(AllOf(StartsWith("translations.r.events[0].channel: "), HasSubstr("did you mean \"xivo\""))));
  EXPECT_THAT(
      wrong("  r: {match: {key: a}, events: [{channel: xivo, key: b}]}\n", {{"wazo", 0, false, {{"xivo", "c.#"}}}}),
      ElementsAre(HasSubstr("no mount takes such a key")));
  EXPECT_THAT(wrong("  r: {match: {key: a}, events: [{channel: xivo, key: b}]}\n", {}),
              ElementsAre(HasSubstr("no mount has the bus")));
  EXPECT_THAT(wrong("  r: {match: {key: a}, events: [{channel: any, key: b}]}\n", {{"third", 0, true, {}}}), IsEmpty());
}

TEST(Check, ChainsThatWouldNeedASecondTranslation) {
  EXPECT_THAT(wrong("  r: {match: {key: a}, events: [{channel: own, key: 'x.${/d}'}]}\n"
                    "  s: {match: {channel: own, key: 'x.*'}, events: [{channel: xivo, key: b}]}\n"),
              ElementsAre(HasSubstr("only the translation \"s\"")));
}

TEST(Check, RulesThatCanNeverMatch) {
  EXPECT_THAT(wrong("  r: {match: {key: a, body: {/x: 1, /x/y: 2}}, events: [{channel: xivo, key: b}]}\n"),
              ElementsAre(HasSubstr("never match")));
  EXPECT_THAT(wrong("  r: {match: {key: a, body: {/x: {exists: false}, /x/y: {exists: true}}}, events: [{channel: "
                    "xivo, key: b}]}\n"),
              ElementsAre(HasSubstr("never match")));
  EXPECT_THAT(
      wrong("  r: {match: {key: a, body: {/x: 1, /x/y: {exists: false}}}, events: [{channel: xivo, key: b}]}\n"),
      IsEmpty());
  EXPECT_THAT(wrong("  r: {match: {key: 'a*.b'}, events: [{channel: xivo, key: b}]}\n"),
              ElementsAre(HasSubstr("whole tokens")));
  EXPECT_THAT(wrong("  r: {match: {key: a, attributes: {x: null}}, events: [{channel: xivo, key: b}]}\n"),
              ElementsAre(HasSubstr("never null")));
  EXPECT_THAT(wrong("  r: {match: {key: a, attributes: {x: []}}, events: [{channel: xivo, key: b}]}\n"),
              ElementsAre(HasSubstr("at least 1 entry")));
}

TEST(Check, ABusWithOneChannelHasNoOther) {
  const std::vector<Audience> any{{"third", 0, true, {}}};
  EXPECT_THAT(wrong("  r: {match: {key: a}, events: [{key: b}]}\n", any, {"iot"}),
              ElementsAre(AllOf(StartsWith("translations.r.match: "), HasSubstr("have the channel \"iot\""))));
  EXPECT_THAT(wrong("  r: {match: {key: a, channel: iot}, events: [{key: b}]}\n", any, {"iot"}), IsEmpty());
}

TEST(Check, EventsThatAreNeverMade) {
  EXPECT_THAT(wrong("  r: {match: {key: ['a.*', b]}, events: [{channel: xivo, key: 'b.${key.2}'}]}\n"),
              ElementsAre(HasSubstr("no key that matches has a token 2")));
  EXPECT_THAT(wrong("  r: {match: {key: 'a.#'}, events: [{channel: xivo, key: 'b.${key.2}'}]}\n"), IsEmpty());
  EXPECT_THAT(
      wrong("  r: {match: {key: a, body: {/x: {exists: false}}}, events: [{channel: xivo, key: b, body: '${/x}'}]}\n"),
      ElementsAre(HasSubstr("asks not to be there")));
}

TEST(Check, ALoopIsARuleThatWouldTakeWhatItMakes) {
  const std::string same =
      "events: [{channel: xivo, key: 'a.${/d}', attributes: {by: us}, body: {n: 1, m: '${/m}'}}]}\n";
  const auto looks = [&](const std::string& match) {
    return wrong("  r: {match: {channel: xivo, key: 'a.#'" + match + "}, " + same);
  };
  EXPECT_THAT(looks(""), ElementsAre(HasSubstr("a loop")));
  EXPECT_THAT(looks(", attributes: {by: {exists: true}}"), ElementsAre(HasSubstr("a loop")));
  EXPECT_THAT(looks(", body: {/m: 1}"), ElementsAre(HasSubstr("a loop")));
  EXPECT_THAT(looks(", attributes: {by: {exists: false}}"), IsEmpty());
  EXPECT_THAT(looks(", attributes: {by: them}"), IsEmpty());
  EXPECT_THAT(looks(", attributes: {other: x}"), IsEmpty());
  EXPECT_THAT(looks(", body: {/n: 2}"), IsEmpty());
  // Two ways between two systems are none.
  EXPECT_THAT(wrong("  r: {match: {channel: xivo, key: a}, events: [{channel: xivo, key: b}]}\n"
                    "  s: {match: {channel: xivo, key: b}, events: [{channel: xivo, key: a}]}\n"),
              IsEmpty());
}

TEST(KeyOverlap, TemplatesAndPatterns) {
  const auto fits = [](std::string_view text, std::string_view pattern) {
    std::string why;
    return may_fit(*Template::parse(text, why), pattern);
  };
  EXPECT_TRUE(fits("a.${/x}.c", "a.b.c"));
  EXPECT_TRUE(fits("a.x${/x}y.c", "a.xby.*"));
  EXPECT_FALSE(fits("a.x${/x}y.c", "a.xb.c"));
  EXPECT_FALSE(fits("a.${/x}", "a.b.c"));
  EXPECT_TRUE(fits("a.${key}", "a.b.c"));
  EXPECT_TRUE(fits("a.b.c", "#.c"));
  EXPECT_TRUE(fits("a", "#.a.#"));
  EXPECT_FALSE(fits("a.b", "a"));
  EXPECT_FALSE(fits("b.${key}", "a.#"));
  EXPECT_TRUE(fits("", "#"));
}

}  // namespace
}  // namespace dragoman::translation
