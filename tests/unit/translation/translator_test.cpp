// SPDX-License-Identifier: Apache-2.0
#include "translation/translator.hpp"

#include <gmock/gmock.h>

#include "rules.hpp"

namespace dragoman::translation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Fixture {
  explicit Fixture(const std::string& translations, Limits limits = {},
                   const std::string& buses = "{main: {plugin: embedded}}")
      : loaded(load(translations, buses)), translator(std::move(loaded.rules), 2, limits) {
    EXPECT_THAT(loaded.errors, IsEmpty());
  }
  // Keys of what is made.
  std::vector<std::string> keys(const std::string& key, const std::string& body = "{}",
                                std::vector<event::Attribute> attributes = {}, const std::string& channel = "") {
    event::EventParts e;
    e.id = "1";
    e.channel = channel;
    e.key = key;
    e.body = body;
    e.attributes = attributes;
    made.clear();
    translator.translate(0, *event::make_event(e), made);
    std::vector<std::string> out;
    for (const auto& one : made) out.emplace_back(one.event->key);
    return out;
  }
  Loaded loaded;
  Translator translator;
  std::vector<Translated> made;
};

TEST(Translator, RulesAreFoundByChannelAndKeyInTheirOrder) {
  Fixture f(R"(
  b: {match: {key: "a.*"}, events: [{key: b}]}
  a: {match: {key: [a.b, "#.b"]}, events: [{key: a1}, {key: a2}]}
  c: {match: {channel: x, key: "#"}, events: [{key: c}]}
)");
  EXPECT_THAT(f.keys("a.b"), ElementsAre("b", "a1", "a2"));
  EXPECT_THAT(f.keys("b"), ElementsAre("a1", "a2"));
  EXPECT_THAT(f.keys("a.b.c"), IsEmpty());
  EXPECT_THAT(f.keys("a.b", "{}", {}, "x"), ElementsAre("c"));
  EXPECT_EQ(f.translator.rules()[0]->matched.value(), 1u);
  EXPECT_EQ(f.translator.rules()[1]->emitted.value(), 4u);
}

TEST(Translator, ConditionsAreTyped) {
  Fixture f(R"(
  number: {match: {key: k, body: {/n: 5}}, events: [{key: n}]}
  text: {match: {key: k, body: {/n: "5"}}, events: [{key: t}]}
  one: {match: {key: k, body: {/n: [true, null, x]}}, events: [{key: o}]}
  there: {match: {key: k, body: {/n: {exists: true}}}, events: [{key: e}]}
  lacks: {match: {key: k, body: {/n: {exists: false}}}, events: [{key: l}]}
  attribute: {match: {key: k, attributes: {a: [5, yes]}}, events: [{key: a}]}
)");
  EXPECT_THAT(f.keys("k", R"({"n":5})"), ElementsAre("n", "e"));
  EXPECT_THAT(f.keys("k", R"({"n":5.0})"), ElementsAre("n", "e"));
  EXPECT_THAT(f.keys("k", R"({"n":5.5})"), ElementsAre("e"));
  EXPECT_THAT(f.keys("k", R"({"n":"5"})"), ElementsAre("t", "e"));
  EXPECT_THAT(f.keys("k", R"({"n":null})"), ElementsAre("o", "e"));
  EXPECT_THAT(f.keys("k", R"({"n":true})"), ElementsAre("o", "e"));
  EXPECT_THAT(f.keys("k", R"({"n":[5]})"), ElementsAre("e"));
  EXPECT_THAT(f.keys("k", "{}"), ElementsAre("l"));
  EXPECT_THAT(f.keys("k", "{}", {{"a", "5"}}), ElementsAre("l", "a"));
}

TEST(Translator, OfABodyThatIsNoJsonNothingIsKnown) {
  Fixture f(R"(
  lacks: {match: {key: k, body: {/n: {exists: false}}}, events: [{key: l}]}
  plain: {match: {key: k}, events: [{key: p}, {key: q, body: {x: "${/n}"}}]}
)");
  EXPECT_THAT(f.keys("k", "{no"), ElementsAre("p"));
  EXPECT_EQ(f.made[0].event->body, "{no");
  EXPECT_EQ(f.translator.unreadable().at("main"), 1u);
  EXPECT_EQ(f.translator.rules()[1]->dropped[static_cast<std::size_t>(Outcome::missing)].value(), 1u);
}

TEST(Translator, AMadeEventHasTimeAndAnIdThatIsAlwaysTheSame) {
  Fixture f("  r: {match: {key: k}, events: [{key: a, channel: c, attributes: {x: 'v${id}', n: 5}}, {key: b}]}\n");
  f.keys("k");
  const event::Event& first = *f.made[0].event;
  EXPECT_EQ(first.id, "1/r/1");
  EXPECT_EQ(f.made[1].event->id, "1/r/2");
  EXPECT_EQ(first.channel, "c");
  EXPECT_EQ(first.attributes[0].value, "v1");
  EXPECT_EQ(first.attributes[1].value, "5");
  const std::string longest(255, 'x');
  EXPECT_EQ(derived_id(longest, "r", 1).size(), 64u);
  EXPECT_NE(derived_id(longest, "r", 1), derived_id(longest, "r", 2));
}

TEST(Translator, LimitsDropAndAreCounted) {
  Limits limits;
  limits.events = 3;
  limits.bytes = 100;
  Fixture f(
      "  r: {match: {key: k}, events: [{key: a}, {key: b, body: ['${/t}', '${/t}']}, {key: c}, {key: d}, {key: e}]}\n",
      limits);
  EXPECT_THAT(f.keys("k", R"({"t":")" + std::string(150, 'x') + "\"}"), IsEmpty());
  const Rule& rule = *f.translator.rules()[0];
  EXPECT_EQ(rule.dropped[static_cast<std::size_t>(Outcome::too_large)].value(), 5u);
  EXPECT_THAT(f.keys("k", R"({"t":""})"), ElementsAre("a", "b", "c"));
  EXPECT_EQ(rule.dropped[static_cast<std::size_t>(Outcome::too_many)].value(), 2u);
}

TEST(Translator, AnEventAndWhatIsMadeOfItFitTogether) {
  Limits limits;
  limits.total = 1000;
  Fixture f("  r: {match: {key: k}, events: [{key: a}, {key: b}]}\n", limits);
  EXPECT_THAT(f.keys("k", "\"" + std::string(300, 'x') + "\""), ElementsAre("a"));
}

TEST(Translator, ControlCharactersGoIntoNoAttribute) {
  Fixture f("  r: {match: {key: k}, events: [{key: 'a.${/t}', attributes: {x: '${/t}'}}, {key: 'a.${/t}'}]}\n");
  EXPECT_THAT(f.keys("k", R"({"t":"a\nb.c"})"), ElementsAre("a.a%0Ab%2Ec"));
  EXPECT_EQ(f.translator.rules()[0]->dropped[static_cast<std::size_t>(Outcome::invalid)].value(), 1u);
}

TEST(Translator, EventsMayBeForAnotherBus) {
  Fixture f("  r: {match: {bus: one, key: k}, events: [{bus: two, key: a}, {key: b}]}\n", {},
            "{one: {plugin: embedded}, two: {plugin: embedded}}");
  EXPECT_THAT(f.keys("k"), ElementsAre("a", "b"));
  EXPECT_EQ(f.made[0].bus, 1u);
  EXPECT_EQ(f.made[1].bus, 0u);
  EXPECT_TRUE(f.translator.crosses());
  EXPECT_FALSE(f.translator.concerns(1));
}

}  // namespace
}  // namespace dragoman::translation
