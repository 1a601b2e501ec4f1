// SPDX-License-Identifier: Apache-2.0
#include "service/http/token_table.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "jwt_loop.hpp"

namespace dragoman::service::http {
namespace {

struct World {
  struct Sent {
    std::string target;
    TokenTable::Answered done;
  };

  explicit World(std::size_t requests = 8) {
    config.question.path = "/{token}";
    config.identity.user = {"/user"};
    config.expires = {"/until"};
    environment.requests = requests;
    environment.ask = [this](net::HttpFetch request, TokenTable::Answered done) {
      if (next != TokenTable::Asked::ok) return next;
      sent.push_back({request.method + " " + request.target, std::move(done)});
      return TokenTable::Asked::ok;
    };
    environment.changed = [this](const CredentialChange& change) {
      changes.push_back(change.credential + "=" + (change.identity ? change.identity->user : "revoked"));
    };
    environment.trouble = [this](const std::string& why) { trouble = why; };
  }
  TokenTable& table() {
    if (!made) made = std::make_unique<TokenTable>(config, turning.loop, environment);
    return *made;
  }
  void present(const std::string& token, bool hold = true) {
    table().authenticate(token, [this, token, hold](Outcome outcome, const IdentityPtr& identity) {
      answers.push_back(token + ":" + name(outcome));
      if (hold && identity) held[token] = identity;
    });
  }
  void answer(unsigned status, const std::string& body = "{}") {
    ASSERT_LT(answered, sent.size());
    const auto done = std::move(sent[answered++].done);
    done(net::FetchStatus::ok, {status, {}, body}, {});
  }
  void fail() {
    ASSERT_LT(answered, sent.size());
    const auto done = std::move(sent[answered++].done);
    done(net::FetchStatus::unavailable, {}, "it is gone");
  }
  std::uint64_t known() { return table().figures().tokens.value(); }

  jwt::TestLoop turning;
  config::HttpAuthConfig config;
  TokenTable::Environment environment;
  TokenTable::Asked next = TokenTable::Asked::ok;
  std::vector<Sent> sent;
  std::size_t answered = 0;
  std::vector<std::string> answers, changes;
  std::map<std::string, IdentityPtr> held;
  std::string trouble;
  std::unique_ptr<TokenTable> made;
};

using Texts = std::vector<std::string>;

TEST(TokenTable, OneRequestForAllWhoWait) {
  World w;
  for (int i = 0; i < 3; ++i) w.present("a");
  ASSERT_EQ(w.sent.size(), 1u);
  EXPECT_EQ(w.sent[0].target, "GET /a");
  w.answer(200, R"({"user": "u"})");
  EXPECT_EQ(w.answers, (Texts{"a:accepted", "a:accepted", "a:accepted"}));
  w.present("a");
  EXPECT_EQ(w.sent.size(), 1u) << "a moment later it is still known";
  EXPECT_EQ(w.held["a"]->user, "u");
}

TEST(TokenTable, AnswersAreBoundedAndTheOldestGoes) {
  World w;
  w.config.cache_entries = 2;
  for (const char* token : {"a", "b", "c"}) {
    w.present(token, false);
    w.answer(std::string(token) == "b" ? 404 : 200);
  }
  EXPECT_EQ(w.known(), 2u);
  w.present("c", false);
  w.present("b", false);
  EXPECT_EQ(w.sent.size(), 3u);
  w.present("a", false);
  EXPECT_EQ(w.sent.size(), 4u);
}

TEST(TokenTable, NothingIsKeptOfWhatNobodyHolds) {
  World w;
  w.config.cache_entries = 0;
  w.present("a");
  w.answer(200);
  EXPECT_EQ(w.known(), 1u);
  w.present("b", false);
  w.fail();
  EXPECT_EQ(w.known(), 1u);
  EXPECT_EQ(w.trouble, "it is gone");
  w.next = TokenTable::Asked::impossible;
  w.present("c");
  w.next = TokenTable::Asked::refused;
  w.present("d");
  EXPECT_EQ(w.answers, (Texts{"a:accepted", "b:unavailable", "c:malformed", "d:unavailable"}));
  EXPECT_EQ(w.known(), 1u);
}

TEST(TokenTable, WhoPresentsATokenGoesBeforeChecks) {
  World w(1);
  w.config.cache_entries = 0;
  w.config.recheck.every_ms = 60;
  w.present("held");
  w.answer(200);
  w.present("first");
  ASSERT_FALSE(w.turning.until([&, end = base::monotonic_ms() + 300] { return base::monotonic_ms() > end; }) &&
               w.sent.size() > 2)
      << "only one request at a time";
  w.present("second");
  w.answer(200);
  w.answer(200);
  w.answer(404);
  EXPECT_EQ(w.sent[2].target, "GET /second");
  EXPECT_EQ(w.sent[3].target, "GET /held");
  EXPECT_EQ(w.changes, Texts{"held=revoked"});
}

TEST(TokenTable, AQuestionOfYesOrNoChangesNothing) {
  World w;
  w.config.cache_entries = 0;
  w.config.recheck.every_ms = 60;
  w.config.recheck.question = config::HttpQuestion{"HEAD", "/check/{token}", {}, {}, {204}, {404}};
  w.present("a");
  w.answer(200, R"({"user": "u"})");
  ASSERT_TRUE(w.turning.until([&] { return w.sent.size() == 2; }));
  EXPECT_EQ(w.sent[1].target, "HEAD /check/a");
  // Who comes meanwhile wants to know whose it is.
  w.present("a");
  w.answer(204);
  ASSERT_EQ(w.sent.size(), 3u);
  EXPECT_EQ(w.sent[2].target, "GET /a");
  w.answer(200, R"({"user": "v"})");
  EXPECT_EQ(w.answers, (Texts{"a:accepted", "a:accepted"}));
  EXPECT_EQ(w.changes, Texts{"a=v"});
}

TEST(TokenTable, AnOutageLeavesSessionsUnlessTheyAreToEnd) {
  for (const bool ends : {false, true}) {
    World w;
    w.config.cache_entries = 0;
    w.config.recheck.every_ms = 60;
    w.config.recheck.outage_ends = ends;
    w.present("a");
    w.answer(200);
    ASSERT_TRUE(w.turning.until([&] { return w.sent.size() == 2; }));
    w.fail();
    EXPECT_EQ(w.changes, ends ? Texts{"a=revoked"} : Texts{});
    EXPECT_EQ(w.known(), ends ? 0u : 1u);
  }
}

TEST(TokenTable, ExpiryIsTheEndOfAnAnswer) {
  World w;
  const auto until = [](std::int64_t ms) {
    return R"({"until": )" + std::to_string(static_cast<double>(base::unix_ms() + ms) / 1000) + "}";
  };
  w.present("over");
  w.answer(200, until(-10));
  w.present("short", false);
  w.answer(200, until(200));
  EXPECT_EQ(w.answers, (Texts{"over:expired", "short:accepted"}));
  ASSERT_TRUE(w.turning.until([&] {
    w.present("short", false);
    return w.sent.size() == 3;
  }));
}

TEST(TokenTable, StopTellsThoseWhoWait) {
  World w(1);
  w.present("a");
  w.present("b");
  w.table().stop();
  std::sort(w.answers.begin(), w.answers.end());
  EXPECT_EQ(w.answers, (Texts{"a:unavailable", "b:unavailable"}));
  w.present("c");
  EXPECT_EQ(w.answers.back(), "c:unavailable");
}

}  // namespace
}  // namespace dragoman::service::http
