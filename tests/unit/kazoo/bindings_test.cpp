// SPDX-License-Identifier: Apache-2.0
#include "bindings.hpp"

#include <gtest/gtest.h>

namespace kazoo {
namespace {

const std::string account = "4b31dd1d32ce6d249897c06332375d65";
const std::string database = "account%2F4b%2F31%2Fdd1d32ce6d249897c06332375d65";
const BindingOptions all{{"call", "conference", "fax", "object", "presence"}};

std::string error_of(const std::string& text, const BindingOptions& options = all) {
  const auto parsed = parse_binding(text, options);
  const auto* error = std::get_if<std::string>(&parsed);
  return error ? *error : std::string();
}

// "exchange key subscription_key" of each.
std::vector<std::string> keys(const std::string& text, const std::string& of = account) {
  const auto parsed = parse_binding(text, all);
  if (!std::holds_alternative<Binding>(parsed)) return {std::get<std::string>(parsed)};
  const std::vector<std::string> months{"202403", "202404"};
  std::vector<std::string> out;
  for (const Interest& i : interests_of(std::get<Binding>(parsed), {of, of == "*" ? "*" : "r.example", months}))
    out.push_back(i.exchange + " " + i.key + " " + i.subscription_key);
  return out;
}
using Keys = std::vector<std::string>;

TEST(KazooBindings, Refusals) {
  for (const auto& [text, error] : std::vector<std::pair<std::string, std::string>>{
           {"call.NOPE.*", "event NOPE not supported"},
           {"call.CHANNEL_CREATE", "invalid format for call subscription : CHANNEL_CREATE"},
           {"call.CHANNEL_CREATE.a.b", "invalid format for call subscription : CHANNEL_CREATE, a, b"},
           {"call", "invalid format for call subscription : "},
           {"call.CHANNEL_CREATE.", "invalid format for call subscription : CHANNEL_CREATE, "},
           {"object.doc_created.nope", "event doc_created.nope not supported"},
           {"object.doc_nope.*", "event doc_nope.* not supported"},
           {"object.*.nope", "event *.nope not supported"},
           {"object.doc_created", "invalid format for object subscription : doc_created"},
           {"conference.command.*", "ConferenceId required"},
           {"conference.command.#", "ConferenceId required"},
           {"conference.event.*.c", "ConferenceId required"},
           {"conference.event.*.*.*", "ConferenceId required"},
           {"conference.event.lock.#.*", "ConferenceId required"},
           {"conference.event.C1.call.lock", "invalid format for conference subscription : event, C1, call, lock"},
           {"conference.event.C1.*.nope", "invalid format for conference subscription : event, C1, *, nope"},
           {"conference.nope.C1", "invalid format for conference subscription : nope, C1"},
           {"fax.status", "invalid format for fax subscription : status"},
           {"fax.nope.x", "invalid format for fax subscription : nope, x"},
           {"presence.nope.x", "event nope not supported"},
           {"presence.dialog", "invalid format for presence subscription : dialog"},
           {"nothing.at.all", "no available subscriptions to requested binding"},
           {"", "no available subscriptions to requested binding"},
           {"doc_created.*.user.*", "no available subscriptions to requested binding"}})
    EXPECT_EQ(error_of(text), error) << text;
}

TEST(KazooBindings, ModulesAreThoseOfTheMount) {
  EXPECT_EQ(error_of("presence.dialog.x", BindingOptions{{"call"}}), "no available subscriptions to requested binding");
  EXPECT_EQ(error_of("call.*.*", BindingOptions{{"call"}}), "");
}

TEST(KazooBindings, StrictConference) {
  BindingOptions strict = all;
  strict.strict_conference = true;
  EXPECT_EQ(error_of("conference.event.*.C1.*", strict),
            "invalid format for conference subscription : event, *, C1, *");
  EXPECT_EQ(error_of("conference.event.C1.*", strict), "");
}

TEST(KazooBindings, KeysOfEachForm) {
  EXPECT_EQ(keys("call.CHANNEL_CREATE.*"),
            (Keys{"callevt call.CHANNEL_CREATE.* call." + account + ".CHANNEL_CREATE.*"}));
  EXPECT_EQ(keys("conference.event.C1.a@b"),
            (Keys{"conference conference.event.*." + account + ".C1.a%40b conference.event.*." + account + ".C1.a@b"}));
  EXPECT_EQ(keys("conference.event.*.C1.*"),
            (Keys{"conference conference.event.*." + account + ".C1.* conference.event.*." + account + ".C1.*"}));
  EXPECT_EQ(keys("conference.event.lock.C1.*"),
            (Keys{"conference conference.event.lock." + account + ".C1.* conference.event.lock." + account + ".C1.*"}));
  EXPECT_EQ(keys("conference.event.C1.*.lock"), keys("conference.event.lock.C1.*"));
  EXPECT_EQ(keys("conference.command.C1"), (Keys{"conference conference.command.C1 conference.command.C1"}));
  EXPECT_EQ(keys("fax.status.*"), (Keys{"faxes fax.status." + account + ".* fax.status." + account + ".*"}));
  EXPECT_EQ(keys("fax.status.a%2Eb"),
            (Keys{"faxes fax.status." + account + ".a%2Eb fax.status." + account + ".a%2Eb"}));
  const auto document = [](const std::string& key) { return "configuration " + key + " " + key; };
  EXPECT_EQ(keys("fax.object.doc_created"), (Keys{document("doc_created." + database + "-202403.fax.*"),
                                                  document("doc_created." + database + "-202404.fax.*")}));
  EXPECT_EQ(keys("object.doc_edited.user"), (Keys{document("doc_edited." + database + ".user.*")}));
  EXPECT_EQ(keys("object.*.fax"),
            (Keys{document("*." + database + "-202403.fax.*"), document("*." + database + "-202404.fax.*")}));
  for (const std::string type : {"call_recording", "*"})
    EXPECT_EQ(keys("object.doc_created." + type),
              (Keys{document("doc_created." + database + "." + type + ".*"),
                    document("doc_created." + database + "-202403." + type + ".*"),
                    document("doc_created." + database + "-202404." + type + ".*")}));
  EXPECT_EQ(keys("presence.dialog.a b"), (Keys{"presence dialog.r%2Eexample.a+b dialog.r%2Eexample.a+b"}));
  EXPECT_EQ(keys("presence.mwi_updates.1001"),
            (Keys{"presence mwi_updates.r%2Eexample.1001 mwi_updates.r%2Eexample.1001"}));
}

TEST(KazooBindings, AWildcardStandsForTheNineEventsOfCalls) {
  const Keys nine = keys("call.*.c1");
  ASSERT_EQ(nine.size(), 9u);
  EXPECT_EQ(nine.front(), "callevt call.CHANNEL_CREATE.* call." + account + ".CHANNEL_CREATE.c1");
  EXPECT_EQ(nine.back(), "callevt call.PARK_ABANDONED.* call." + account + ".PARK_ABANDONED.c1");
  EXPECT_EQ(keys_of(std::get<Binding>(parse_binding("call.*.c1", all))), 9u);
  EXPECT_EQ(keys_of(std::get<Binding>(parse_binding("object.doc_created.*", all))), 2u);
}

TEST(KazooBindings, AllAccounts) {
  EXPECT_EQ(keys("call.CHANNEL_HOLD.*", "*"), (Keys{"callevt call.CHANNEL_HOLD.* call.*.CHANNEL_HOLD.*"}));
  EXPECT_EQ(keys("object.doc_created.*", "*"), (Keys{"configuration doc_created.*.*.* doc_created.*.*.*"}));
  EXPECT_EQ(keys("object.doc_created.fax", "*"), (Keys{"configuration doc_created.*.fax.* doc_created.*.fax.*"}));
  EXPECT_EQ(keys("presence.dialog.*", "*"), (Keys{"presence dialog.*.* dialog.*.*"}));
}

TEST(KazooBindings, NothingWithoutTheRealm) {
  const auto binding = std::get<Binding>(parse_binding("presence.dialog.*", all));
  EXPECT_TRUE(needs_realm(binding));
  EXPECT_TRUE(interests_of(binding, {account, "", {}}).empty());
}

TEST(KazooBindings, NoKeyIsLongerThanABrokerTakes) {
  EXPECT_EQ(error_of("fax.status." + std::string(300, 'x')), "invalid format for fax subscription : too long");
  EXPECT_EQ(error_of("fax.status." + std::string(100, '@')), "invalid format for fax subscription : too long");
  EXPECT_EQ(error_of("fax.status." + std::string(200, 'x')), "");
  const auto binding = std::get<Binding>(parse_binding("presence.dialog." + std::string(100, 'x'), all));
  EXPECT_EQ(interests_of(binding, {account, std::string(147, 'r'), {}}).size(), 1u);
  EXPECT_TRUE(interests_of(binding, {account, std::string(148, 'r'), {}}).empty());
}

TEST(KazooBindings, TheListIsTheDocuments) {
  const auto listed = list_bindings(BindingOptions{{"call", "conference", "fax", "object"}});
  ASSERT_EQ(listed.size(), 4u);
  EXPECT_EQ(listed[0].bindings.size(), 9u);
  EXPECT_EQ(listed[0].bindings.front(), "call.CHANNEL_CREATE.{CALL_ID}");
  EXPECT_EQ(listed[1].bindings,
            (Keys{"conference.event.{CONFERENCE_ID}.{CALL_ID}", "conference.command.{CONFERENCE_ID}"}));
  EXPECT_EQ(listed[2].bindings, (Keys{"fax.status.{FAX_ID}", "fax.object.{ACTION}"}));
  ASSERT_EQ(listed[3].bindings.size(), 30u);
  EXPECT_EQ(listed[3].bindings.front(), "object.doc_created.account");
  EXPECT_EQ(listed[3].bindings[10], "object.doc_edited.account");
  EXPECT_EQ(listed[3].bindings.back(), "object.doc_deleted.call_recording");
}

TEST(KazooBindings, WhatIsListedIsAccepted) {
  for (const ListedModule& module : list_bindings(all))
    for (const std::string& binding : module.bindings) EXPECT_EQ(error_of(binding), "") << binding;
}

TEST(KazooBindings, ShortPresence) {
  BindingOptions options{{"presence"}};
  EXPECT_EQ(list_bindings(options)[0].bindings,
            (Keys{"presence.dialog.{CALL_ID}", "presence.update.{CALL_ID}", "presence.mwi_updates.{USER}"}));
  const auto binding = std::get<Binding>(parse_binding("presence.dialog.x", options));
  EXPECT_EQ(shown_binding(binding, options), "presence.dialog.x");
  options.presence_short_keys = true;
  EXPECT_EQ(list_bindings(options)[0].bindings, (Keys{"dialog.{CALL_ID}", "update.{CALL_ID}", "mwi_updates.{USER}"}));
  EXPECT_EQ(shown_binding(binding, options), "dialog.x");
}

}  // namespace
}  // namespace kazoo
