// SPDX-License-Identifier: Apache-2.0
// How keys are loaded and kept up to date.
#include "service/jwt/key_store.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "jwt_loop.hpp"
#include "jwt_support.hpp"

namespace dragoman::service::jwt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class JwtStore : public testing::Test {
 protected:
  JwtStore() : directory_(std::filesystem::temp_directory_path() / ("jwt-store-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(directory_);
  }
  ~JwtStore() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  // In one step, as those who rotate keys do.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name) + ".new") << text;
    std::filesystem::rename(path(name) + ".new", path(name));
    return path(name);
  }
  static config::JwtKeyConfig jwks_file(const std::string& file) {
    config::JwtKeyConfig key;
    key.jwks = file;
    return key;
  }
  static std::vector<std::string> ids(const KeyStore& store) {
    std::vector<std::string> out;
    for (const Key& key : store.keys()->keys) out.push_back(key.id);
    return out;
  }

  std::filesystem::path directory_;
  TestLoop loop_;
  TestServer server_;
  const TestKey a_{Algorithm::es256, "a"}, b_{Algorithm::es256, "b"};
};

TEST_F(JwtStore, EverySourceAtOnce) {
  config::JwtKeyConfig secret, base64, pem;
  secret.secret = "s";
  secret.id = "secret";
  base64.secret_base64 = "YQ==";
  base64.id = "base64";
  pem.pem = write("key.pem", a_.pem());
  pem.id = "pem";
  KeyStore store("api", {secret, base64, pem, jwks_file(write("keys.json", jwks({a_.jwk(), b_.jwk()})))}, {});
  EXPECT_THAT(store.load(), IsEmpty());
  EXPECT_THAT(ids(store), ElementsAre("secret", "base64", "pem", "a", "b"));
  EXPECT_TRUE(store.keys()->complete);
  EXPECT_EQ(store.figures().size(), 2u) << "secrets do not change";
}

TEST_F(JwtStore, WhatIsWrongIsSaid) {
  config::JwtKeyConfig good, missing, rubbish;
  good.secret = "s";
  missing.pem = path("missing.pem");
  rubbish.pem = write("rubbish.pem", "rubbish");
  KeyStore store(
      "api",
      {good, missing, rubbish, jwks_file(write("empty.json", jwks({}))),
       jwks_file(write("enc.json", jwks({a_.jwk(R"(,"use":"enc")")}))), jwks_file(write("text.json", "text"))},
      {});
  EXPECT_THAT(
      store.load(),
      ElementsAre(
          Pair(1, HasSubstr("missing.pem: ")),
          Pair(2, path("rubbish.pem") + ": there is neither a public key nor a certificate in PEM in it"),
          Pair(3, path("empty.json") + ": there is no key in it that can be used"),
          Pair(4, path("enc.json") + ": there is no key in it that can be used (keys[0]: \"use\" is not \"sig\")"),
          Pair(5, path("text.json") + ": it is not a JSON object without repeated members")));
}

TEST_F(JwtStore, AFileIsReadAgainWhenItChanges) {
  Timing timing;
  timing.file_ms = 1;
  KeyStore store("api", {jwks_file(write("keys.json", jwks({a_.jwk()})))}, timing);
  EXPECT_THAT(store.load(), IsEmpty());
  store.start(loop_.loop, server_.fetch());
  const auto first = store.keys();
  write("keys.json", jwks({b_.jwk()}));
  EXPECT_TRUE(loop_.until([&] { return ids(store) == std::vector<std::string>{"b"}; }));
  EXPECT_NE(store.keys()->generation, first->generation);

  write("keys.json", "half a fi");
  EXPECT_TRUE(loop_.until([&] { return store.figures()[0].failures == 1; }));
  std::filesystem::remove(path("keys.json"));
  EXPECT_TRUE(loop_.until([&] { return store.figures()[0].failures == 2; }));
  EXPECT_THAT(ids(store), ElementsAre("b")) << "keys that were read stay";
  write("keys.json", jwks({a_.jwk(), b_.jwk()}));
  EXPECT_TRUE(loop_.until([&] { return ids(store).size() == 2; }));
  write("keys.json", jwks({}));
  EXPECT_TRUE(loop_.until([&] { return ids(store).empty(); })) << "all keys can be taken away";
}

TEST_F(JwtStore, AKeySetIsFetchedAndFetchedAgainInTime) {
  KeyStore store("api", {fetched_key(100)}, {});
  EXPECT_THAT(store.load(), IsEmpty());
  EXPECT_FALSE(store.keys()->complete);
  EXPECT_LT(store.figures()[0].age_ms, 0);
  store.start(loop_.loop, server_.fetch());
  ASSERT_EQ(server_.requests.size(), 1u);
  server_.answer(jwks({a_.jwk()}));
  EXPECT_THAT(ids(store), ElementsAre("a"));
  EXPECT_TRUE(store.keys()->complete);
  EXPECT_GE(store.figures()[0].age_ms, 0);
  const auto generation = store.keys()->generation;
  ASSERT_TRUE(loop_.until([&] { return server_.requests.size() == 2; }));
  server_.answer(jwks({a_.jwk()}));
  EXPECT_EQ(store.keys()->generation, generation) << "nothing is new";
  EXPECT_EQ(store.figures()[0].refreshes, 2u);
  ASSERT_TRUE(loop_.until([&] { return server_.requests.size() == 3; }));
  server_.answer(jwks({b_.jwk()}));
  EXPECT_THAT(ids(store), ElementsAre("b"));
}

TEST_F(JwtStore, AFetchThatFailsIsRepeatedAndKeysStay) {
  Timing timing;
  timing.retry_ms = 1;
  KeyStore store("api", {fetched_key()}, timing);
  store.load();
  store.start(loop_.loop, server_.fetch());
  server_.fail();
  EXPECT_FALSE(store.keys()->complete);
  ASSERT_TRUE(loop_.until([&] { return server_.requests.size() == 2; }));
  server_.answer("<html>");
  ASSERT_TRUE(loop_.until([&] { return server_.requests.size() == 3; }));
  server_.answer(jwks({a_.jwk()}));
  EXPECT_TRUE(store.keys()->complete);
  EXPECT_EQ(store.figures()[0].failures, 2u);

  bool looked = false;
  store.look_again(store.keys()->generation, [&] { looked = true; });
  loop_.turn();
  EXPECT_FALSE(looked);
  ASSERT_EQ(server_.requests.size(), 4u);
  server_.fail();
  EXPECT_TRUE(looked);
  EXPECT_THAT(ids(store), ElementsAre("a"));
  EXPECT_TRUE(store.keys()->complete);
}

TEST_F(JwtStore, LookingAgainIsBounded) {
  Timing timing;
  timing.look_again_ms = 200;
  KeyStore store("api", {fetched_key()}, timing);
  store.load();
  store.start(loop_.loop, server_.fetch());
  server_.answer(jwks({a_.jwk()}));

  int looked = 0;
  const auto look = [&] { store.look_again(store.keys()->generation, [&] { ++looked; }); };
  for (int i = 0; i < 100; ++i) look();
  loop_.turn();
  ASSERT_EQ(server_.requests.size(), 2u) << "one fetch for all that wait";
  EXPECT_EQ(looked, 0);
  server_.answer(jwks({a_.jwk(), b_.jwk()}));
  EXPECT_EQ(looked, 100);
  EXPECT_THAT(ids(store), ElementsAre("a", "b"));

  look();
  EXPECT_EQ(looked, 101) << "at once";
  loop_.turn();
  EXPECT_EQ(server_.requests.size(), 2u);
  ASSERT_TRUE(loop_.until([&] {
    look();
    loop_.turn();
    return server_.requests.size() == 3;
  }));
}

TEST_F(JwtStore, WhoLooksWhileAFetchIsUnderWayWaitsForIt) {
  KeyStore store("api", {fetched_key()}, {});
  store.load();
  store.start(loop_.loop, server_.fetch());
  int looked = 0;
  store.look_again(store.keys()->generation, [&] { ++looked; });
  loop_.turn();
  EXPECT_EQ(server_.requests.size(), 1u);
  EXPECT_EQ(looked, 0);
  server_.answer(jwks({a_.jwk()}));
  EXPECT_EQ(looked, 1);
}

TEST_F(JwtStore, KeysThatCameSinceAreNotFetchedOnceMore) {
  KeyStore store("api", {fetched_key()}, {});
  store.load();
  store.start(loop_.loop, server_.fetch());
  const auto early = store.keys()->generation;
  int looked = 0;
  const auto count = [&] { ++looked; };
  store.look_again(early, count);
  server_.answer(jwks({a_.jwk()}));
  EXPECT_EQ(looked, 1) << "before the loop came to look";
  store.look_again(early, count);
  EXPECT_EQ(looked, 2) << "judged by keys that are over";
  loop_.turn();
  EXPECT_EQ(server_.requests.size(), 1u);

  store.look_again(store.keys()->generation, count);
  loop_.turn();
  EXPECT_EQ(server_.requests.size(), 2u) << "what was not needed does not count against the rate";
  server_.answer(jwks({a_.jwk()}));
  EXPECT_EQ(looked, 3);
}

TEST_F(JwtStore, ASlowSourceKeepsNobodyFromTheKeysOfAnother) {
  KeyStore store("api", {fetched_key(), fetched_key()}, {});
  store.load();
  store.start(loop_.loop, server_.fetch());
  int looked = 0;
  const auto look = [&] { store.look_again(store.keys()->generation, [&] { ++looked; }); };
  look();
  loop_.turn();
  server_.answer(jwks({a_.jwk()}));
  EXPECT_EQ(looked, 1);
  look();
  EXPECT_EQ(looked, 1) << "it may be among those that are still to come";
  server_.answer(jwks({b_.jwk()}));
  EXPECT_EQ(looked, 2);
  EXPECT_EQ(server_.requests.size(), 2u);
}

TEST_F(JwtStore, StoppingAnswersThoseWhoWait) {
  KeyStore store("api", {fetched_key()}, {});
  store.load();
  int looked = 0;
  const auto look = [&] { store.look_again(store.keys()->generation, [&] { ++looked; }); };
  look();
  EXPECT_EQ(looked, 1) << "it has not started";
  store.start(loop_.loop, server_.fetch());
  look();
  EXPECT_EQ(looked, 1);
  store.stop();
  EXPECT_EQ(looked, 2);
  look();
  EXPECT_EQ(looked, 3);
}

}  // namespace
}  // namespace dragoman::service::jwt
