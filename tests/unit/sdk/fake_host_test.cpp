// SPDX-License-Identifier: Apache-2.0
// The fake host keeps what the headers promise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dialects.hpp"

namespace dragoman::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts(const TestClient& client) {
  std::vector<std::string> out;
  for (const auto& message : client.sent()) out.push_back(message.payload);
  return out;
}

TEST(Keys, Match) {
  EXPECT_TRUE(key_matches("a.*.c", "a.b.c"));
  EXPECT_TRUE(key_matches("a.#", "a"));
  EXPECT_TRUE(key_matches("#.c", "a.b.c"));
  EXPECT_TRUE(key_matches("#", ""));
  EXPECT_FALSE(key_matches("a.*", "a"));
  EXPECT_FALSE(key_matches("a", "a.b"));
  EXPECT_FALSE(key_matches("a.#.d", "a.b.c"));
}

TEST(Utf8, IsChecked) {
  EXPECT_TRUE(valid_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x89"));
  for (const char* bad : {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3"})
    EXPECT_FALSE(valid_utf8(bad));
}

// Each message says how what it asks for ended.
struct Servant : Plain {
  using Plain::Plain;
  void message(sdk::Client client, Session&, sdk::Opcode, std::string_view text) {
    if (text == "timer") client.after(1000, [client](dgm_status s) { client.send("timer " + std::to_string(s)); });
    if (text.starts_with("token "))
      client.authenticate(text.substr(6), 1000, [client](dgm_status s, const sdk::Identity* i, std::string_view) {
        client.send(i ? "hello " + std::string(i->user()) : "denied " + std::to_string(s));
      });
    if (text.starts_with("fetch "))
      sdk::Upstreams(host).fetch(client.id(), {.upstream = "api", .path = std::string(text.substr(6))},
                                 [client](dgm_status, const sdk::Fetched* f, std::string_view why) {
                                   client.send(f ? std::string(f->body()) : "no answer: " + std::string(why));
                                 });
    if (text == "many")
      while (client.send(std::string(1000, 'x')) == DGM_OK) continue;
  }
  void writable(sdk::Client client, Session&) { client.send("writable"); }
};

TEST(FakeHost, TimersFollowTheClock) {
  FakeHost host(entry_of<Servant>);
  ASSERT_TRUE(host.load());
  auto client = host.connect();
  client.text("timer");
  host.advance(999);
  EXPECT_THAT(texts(client), IsEmpty());
  host.advance(1);
  EXPECT_THAT(texts(client), ElementsAre("timer 0"));
  client.text("timer");
  EXPECT_EQ(host.pending(), 1u);
  client.close();
  EXPECT_EQ(host.pending(), 0u);
  EXPECT_THAT(host.finish(), IsEmpty());
}

TEST(FakeHost, ServicesAnswerAsScripted) {
  FakeHost host(entry_of<Servant>);
  host.authenticator([](const std::string& credential) {
    return credential == "good" ? AuthAnswer{.identity = {.user = "ann"}} : AuthAnswer{.status = DGM_E_DENIED};
  });
  host.upstream("api", [](const UpstreamRequest& request) {
    return request.path == "/down" ? UpstreamAnswer{.status = DGM_E_TIMEOUT, .why = "late"}
                                   : UpstreamAnswer{.body = request.method + " " + request.path};
  });
  ASSERT_TRUE(host.load());
  auto client = host.connect();
  for (const char* text : {"token good", "token bad", "fetch /x", "fetch /down"}) client.text(text);
  EXPECT_THAT(texts(client), ElementsAre("hello ann", "denied -9", "GET /x", "no answer: late"));
  client.take();
  host.hold();
  client.text("fetch /1");
  client.text("fetch /2");
  EXPECT_THAT(texts(client), IsEmpty());
  host.release(true);
  EXPECT_THAT(texts(client), ElementsAre("GET /2", "GET /1"));
  EXPECT_THAT(host.finish(), IsEmpty());
}

TEST(FakeHost, PressureAndWritable) {
  Options options;
  options.queue_bytes = 10'000;
  FakeHost host(entry_of<Servant>, options);
  ASSERT_TRUE(host.load());
  auto client = host.connect();
  client.stop_reading();
  client.text("many");
  EXPECT_EQ(client.sent().size(), 6u);
  client.go_on_reading();
  EXPECT_EQ(client.last(), "writable");
  EXPECT_THAT(host.finish(), IsEmpty());
}

// Maps, selects and encodes.
struct Variants : Plain {
  using Plain::Plain;
  struct Session {
    bool muted = false;
  };
  void configure(const sdk::Config& config) {
    if (config.settings() != "{}") throw sdk::ConfigError("there are no settings");
    host.feed("bus", "a.#");
  }
  void open(sdk::Client client, Session& session, const sdk::Open& open) {
    session.muted = open.query() == "muted";
    client.subscribe("mapped", "k", true, open.query() == "loud" ? 2 : 1);
  }
  void message(sdk::Client, Session&, sdk::Opcode, std::string_view) {}
  void map(const sdk::Event& event) { sdk::NewEvent("mapped", "k", event.body()).like(event).emit(host); }
  void select(const sdk::Event&, std::span<const dgm_subscription> subs, std::span<std::uint64_t> variants) {
    for (std::size_t i = 0; i < subs.size(); ++i)
      if (static_cast<Session*>(subs[i].state)->muted) variants[i] = DGM_VARIANT_SKIP;
  }
  bool encode(const sdk::Event& event, std::uint64_t variant, sdk::Writer& out) {
    ++encoded;
    out.append(event.body()).append(variant == 2 ? "!" : "");
    return true;
  }
  static inline int encoded = 0;
};

TEST(FakeHost, EventsGoThroughMapSelectAndEncode) {
  Options options;
  options.shards = 2;
  FakeHost host(entry_of<Variants>, options);
  ASSERT_TRUE(host.load());
  auto first = host.connect(), second = host.connect(), loud = host.connect("/", "loud");
  auto muted = host.connect("/", "muted"), other = host.connect("/", {}, {}, 1);
  Variants::encoded = 0;
  host.publish({.channel = "bus", .key = "a.b", .body = "x"});
  host.publish({.channel = "bus", .key = "other", .body = "y"});
  EXPECT_THAT(texts(first), ElementsAre("x"));
  EXPECT_THAT(texts(second), ElementsAre("x"));
  EXPECT_THAT(texts(loud), ElementsAre("x!"));
  EXPECT_THAT(texts(muted), IsEmpty());
  EXPECT_THAT(texts(other), ElementsAre("x"));
  EXPECT_EQ(Variants::encoded, 3) << "once per variant and shard";
  EXPECT_THAT(host.finish(), IsEmpty());
}

TEST(FakeHost, RefusalsAreKept) {
  FakeHost host(entry_of<Variants>);
  EXPECT_FALSE(host.load(R"({"a": 1})"));
  EXPECT_EQ(host.refusal(), "there are no settings");
  EXPECT_THAT(host.finish(), IsEmpty());
}

TEST(FakeHost, EveryCallFailsOnce) {
  unsigned n = 1, loaded = 0;
  for (;; ++n) {
    FakeHost host(entry_of<Variants>);
    host.fail_call(n);
    if (host.load()) {
      ++loaded;
      host.connect();
      host.publish({.channel = "bus", .key = "a", .body = "x"});
    }
    EXPECT_THAT(host.finish(), IsEmpty());
    if (!host.call_failed()) break;
  }
  // query() of what the SDK needs and feed() keep it from starting; the others do not.
  EXPECT_GT(loaded, 2u);
  EXPECT_LT(loaded, n);
}

TEST(FakeHost, PosesAsAHostThatKnowsLess) {
  Options older;
  older.tables[DGM_EXT_FANOUT] = offsetof(dgm_host_fanout, bus);
  FakeHost cut(entry_of<Plain>, older);
  EXPECT_FALSE(cut.load()) << "the SDK wants the whole table";
  EXPECT_THAT(cut.finish(), IsEmpty());
  Options without;
  without.tables[DGM_EXT_REGISTRY] = 0;
  FakeHost hidden(entry_of<Plain>, without);
  EXPECT_FALSE(hidden.load());
  EXPECT_THAT(hidden.finish(), IsEmpty());
}

}  // namespace
}  // namespace dragoman::testing
