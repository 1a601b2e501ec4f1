// SPDX-License-Identifier: Apache-2.0
#include "config/difference.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace dragoman::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Configuration running() {
  std::vector<Error> errors;
  const auto loaded = load_text(R"(
listeners: {plain: {address: "127.0.0.1:80"}, side: {address: "127.0.0.1:81"}}
buses: {main: {plugin: embedded}, rabbit: {plugin: amqp, settings: {uri: "amqp://a"}}}
journals: {kept: {plugin: sqlite}}
upstreams: {server: {url: "http://127.0.0.1:1"}}
authenticators:
  listed: {type: static, tokens: [{token: t}]}
  asked: {type: http, upstream: server, request: {path: "/{token}"}}
  signed: {type: jwt, keys: [{upstream: server, path: /jwks}]}
mounts:
  a: {plugin: p, listen: [{listener: plain}], bus: main, authenticator: listed}
  b: {plugin: p, listen: [{listener: side, path: /b}], bus: rabbit, authenticator: asked}
  c: {plugin: p, listen: [{listener: side, path: /c}], bus: main, journal: kept, authenticator: signed}
translations:
  here: {match: {bus: main, channel: x, key: a}, events: [{channel: y, key: a}]}
  there: {match: {bus: main, channel: x, key: a}, events: [{bus: rabbit, channel: y, key: a}]}
cluster: {bus: rabbit}
admin: {token: secret}
)",
                                "f", {}, errors);
  EXPECT_TRUE(loaded) << (errors.empty() ? "" : errors.front().text());
  return loaded.value_or(Configuration());
}

Difference after(const std::function<void(Configuration&)>& edit) {
  const Configuration before = running();
  Configuration now = before;
  edit(now);
  return compare(before, now);
}

std::string summary(const Changes& changes) {
  std::string out;
  for (const auto& [name, change] : changes)
    if (change != Change::kept) out += (out.empty() ? "" : " ") + name + ":" + config::name(change);
  return out;
}

TEST(Difference, NothingChanged) {
  const Difference d = after([](Configuration&) {});
  EXPECT_THAT(d.refused, IsEmpty());
  for (const Changes* changes :
       {&d.listeners, &d.buses, &d.journals, &d.upstreams, &d.authenticators, &d.mounts, &d.translations})
    EXPECT_EQ(summary(*changes), "");
  EXPECT_EQ(d.mounts.size(), 3u);
}

TEST(Difference, TranslationsWithTheirBuses) {
  const auto changes = [](const std::function<void(Configuration&)>& edit) {
    return summary(after(edit).translations);
  };
  EXPECT_EQ(changes([](Configuration& c) { std::swap(c.translations.front(), c.translations.back()); }), "");
  EXPECT_EQ(changes([](Configuration& c) { c.translations.front().match["key"] = "b"; }), "here:changed");
  EXPECT_EQ(changes([](Configuration& c) { c.translations.back().events.front().as_object()["key"] = "b"; }),
            "there:changed");
  EXPECT_EQ(changes([](Configuration& c) { c.translations.front().name = "z"; }), "here:removed z:added");
  EXPECT_EQ(changes([](Configuration& c) { c.buses.back().settings["uri"] = "amqp://b"; }), "there:changed");
  EXPECT_EQ(changes([](Configuration& c) { c.buses.front().plugin = "nats"; }), "here:changed there:changed");
}

TEST(Difference, AddedAndRemoved) {
  const Difference d = after([](Configuration& c) {
    c.mounts.pop_back();
    c.mounts.front().name = "z";
    c.listeners.push_back({});
    c.listeners.back().name = "more";
  });
  EXPECT_EQ(summary(d.mounts), "a:removed c:removed z:added");
  EXPECT_EQ(summary(d.listeners), "more:added");
}

TEST(Difference, EverythingOfAMountButItsPlaces) {
  using Edit = std::function<void(MountConfig&)>;
  const std::vector<Edit> edits = {[](MountConfig& m) { m.plugin = "q"; },
                                   [](MountConfig& m) { m.transport = "sockjs"; },
                                   [](MountConfig& m) { m.compression = true; },
                                   [](MountConfig& m) { m.allowed_origins = {"o"}; },
                                   [](MountConfig& m) { m.limits.queue_bytes = 1; },
                                   [](MountConfig& m) { m.sockjs.prefix = "/p"; },
                                   [](MountConfig& m) { m.close_on_bus_loss = true; },
                                   [](MountConfig& m) { m.journal = "kept"; },
                                   [](MountConfig& m) { m.authenticator = "signed"; },
                                   [](MountConfig& m) { m.settings["x"] = 1; }};
  for (const Edit& edit : edits)
    EXPECT_EQ(summary(after([&](Configuration& c) { edit(c.mounts.front()); }).mounts), "a:changed");
  EXPECT_EQ(summary(after([](Configuration& c) { c.mounts.front().listen.front().path = "/x"; }).mounts), "");
}

TEST(Difference, WhatMountsUse) {
  EXPECT_EQ(summary(after([](Configuration& c) { c.buses.front().plugin = "nats"; }).mounts), "a:changed c:changed");
  EXPECT_EQ(summary(after([](Configuration& c) { c.authenticators[1].http.timeout_ms = 1; }).mounts), "b:changed");
  const Difference upstream = after([](Configuration& c) { c.upstreams.front().timeout_ms = 1; });
  EXPECT_EQ(summary(upstream.upstreams), "server:changed");
  EXPECT_EQ(summary(upstream.authenticators), "asked:changed signed:changed");
  EXPECT_EQ(summary(upstream.mounts), "b:changed c:changed");
}

TEST(Difference, StaticTokensChangeNoMount) {
  const Difference d = after([](Configuration& c) { c.authenticators.front().tokens.clear(); });
  EXPECT_EQ(summary(d.authenticators), "");
  EXPECT_EQ(summary(d.mounts), "");
  EXPECT_EQ(summary(after([](Configuration& c) { c.authenticators.front().type = "jwt"; }).mounts), "a:changed");
}

TEST(Difference, AListenerIsItsAddress) {
  EXPECT_EQ(summary(after([](Configuration& c) { c.listeners.front().tls.emplace(); }).listeners), "");
  const Difference d = after([](Configuration& c) { c.listeners.front().address = "127.0.0.1:82"; });
  EXPECT_EQ(summary(d.listeners), "plain:changed");
  EXPECT_EQ(summary(d.mounts), "");
}

TEST(Difference, AListenerIsKnownByItsAddressUnderAnyName) {
  using testing::Pair;
  const auto renamed = after([](Configuration& c) { c.listeners.front().name = "other"; });
  EXPECT_EQ(summary(renamed.listeners), "");
  EXPECT_THAT(renamed.listeners_before, ElementsAre(Pair("other", "plain"), Pair("side", "side")));

  const auto swapped =
      after([](Configuration& c) { std::swap(c.listeners.front().address, c.listeners.back().address); });
  EXPECT_EQ(summary(swapped.listeners), "");
  EXPECT_THAT(swapped.listeners_before, ElementsAre(Pair("plain", "side"), Pair("side", "plain")));

  const auto moved = after([](Configuration& c) {
    c.listeners.front().address = "127.0.0.1:82";
    c.listeners.back().address = "127.0.0.1:80";
  });
  EXPECT_EQ(summary(moved.listeners), "plain:changed");
  EXPECT_THAT(moved.listeners_before, ElementsAre(Pair("side", "plain")));
}

TEST(Difference, APortThatTheSystemChoosesHasANameOnly) {
  Configuration before = running();
  before.listeners.front().address = "127.0.0.1:0";
  Configuration now = before;
  EXPECT_THAT(compare(before, now).listeners_before, testing::SizeIs(2));
  now.listeners.front().name = "other";
  EXPECT_EQ(summary(compare(before, now).listeners), "other:added plain:removed");
}

TEST(Difference, WhatNeedsARestart) {
  const Difference d = after([](Configuration& c) {
    c.threads = 7;
    c.state_directory = "/elsewhere";
    c.mailbox_bytes = 1;
    c.cluster.node = "n";
    c.admin.token = "other";
    c.journals.front().events = 1;
    c.buses.back().settings["uri"] = "amqp://b";
  });
  EXPECT_THAT(d.refused,
              ElementsAre("threads cannot change without a restart", "state cannot change without a restart",
                          "mailbox_bytes cannot change without a restart", "cluster cannot change without a restart",
                          "admin cannot change without a restart", "journals.kept cannot change without a restart",
                          "buses.rabbit: the bus that the nodes of a cluster meet on cannot change without a restart"));
}

}  // namespace
}  // namespace dragoman::config
