// SPDX-License-Identifier: Apache-2.0
// From a credential to an identity.
#include "service/jwt_authenticator.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <future>

#include "base/clock.hpp"
#include "jwt_loop.hpp"
#include "jwt_support.hpp"

namespace dragoman::service {
namespace {

using namespace jwt;

struct Result {
  AuthStatus status = AuthStatus::unavailable;
  IdentityPtr identity;
  std::string why;
};

class JwtAuthenticatorTest : public testing::Test {
 protected:
  ~JwtAuthenticatorTest() override {
    if (authenticator_) authenticator_->stop();
  }

  void start(config::JwtConfig config, Timing timing = {}) {
    authenticator_ = std::make_unique<JwtAuthenticator>("api", std::move(config), timing);
    EXPECT_TRUE(authenticator_->load().empty());
    authenticator_->start(loop_.loop, server_.fetch(), 1);
  }

  std::shared_ptr<std::optional<Result>> ask_later(const std::string& token) {
    auto result = std::make_shared<std::optional<Result>>();
    authenticator_->authenticate(token, [this, result](AuthStatus status, IdentityPtr identity, std::string_view why) {
      Result made{status, std::move(identity), std::string(why)};
      loop_.loop.post([result, made] {
        EXPECT_FALSE(result->has_value()) << "twice";
        *result = made;
      });
    });
    return result;
  }
  Result ask(const std::string& token) {
    const auto result = ask_later(token);
    EXPECT_TRUE(loop_.until([&] { return result->has_value(); }));
    return result->value_or(Result());
  }
  std::string why(const std::string& token) {
    const Result result = ask(token);
    EXPECT_EQ(result.status == AuthStatus::accepted, result.identity != nullptr);
    return result.status == AuthStatus::accepted ? "accepted" : result.why;
  }
  std::uint64_t count(std::string_view outcome) const {
    for (const auto& c : authenticator_->counts())
      if (outcome == c.outcome) return c.count;
    ADD_FAILURE() << outcome;
    return 0;
  }

  static config::JwtConfig with(const TestKey& key) {
    config::JwtConfig config;
    config.keys.emplace_back();
    config.keys[0].secret = key.secret;
    config.keys[0].algorithms = {std::string(facts(key.algorithm).name)};
    return config;
  }
  static config::JwtConfig fetched() {
    config::JwtConfig config;
    config.keys = {fetched_key()};
    return config;
  }

  TestLoop loop_;
  TestServer server_;
  std::unique_ptr<JwtAuthenticator> authenticator_;
};

TEST_F(JwtAuthenticatorTest, EverySentence) {
  const TestKey key(Algorithm::hs256, "k"), other(Algorithm::hs256, "another");
  config::JwtConfig config = with(key);
  config.keys[0].id = "k";
  config.issuers = {"me"};
  config.audiences = {"you"};
  config.required = {"exp", "sub"};
  start(config);
  const auto token = [&](const std::string& members) { return make_token(key, payload_with(members)); };
  const std::string rest = R"("iss":"me","aud":"you")";
  EXPECT_EQ(why(token(R"("sub":"a",)" + rest)), "accepted");
  EXPECT_EQ(why("rubbish"), "Token is malformed");
  EXPECT_EQ(why(std::string(20'000, 'x')), "Token is malformed");
  EXPECT_EQ(why(make_token(key, good_payload(), R"({"alg":"none"})")), "Algorithm is not allowed");
  EXPECT_EQ(why(make_token(other, good_payload())), "Key of the token is not known");
  EXPECT_EQ(why(make_token(other, good_payload(), R"({"alg":"HS256","kid":"k"})")), "Signature verification failed");
  EXPECT_EQ(why(make_token(key, R"({"exp":1})")), "Token has expired");
  EXPECT_EQ(why(token(R"("nbf":4102444700)")), "Token is not valid yet");
  EXPECT_EQ(why(token(rest)), "Claim sub is missing");
  EXPECT_EQ(why(token(R"("sub":"a","iss":"me","aud":"x")")), "Token is for another audience");
  EXPECT_EQ(why(token(R"("sub":"a","iss":"x","aud":"you")")), "Token is from another issuer");
  for (const char* outcome : {"accepted", "algorithm", "unknown_key", "signature", "expired", "not_yet_valid",
                              "audience", "issuer", "missing_claim"})
    EXPECT_EQ(count(outcome), 1u) << outcome;
  EXPECT_EQ(count("malformed"), 2u);
  EXPECT_EQ(count("unavailable"), 0u);
}

TEST_F(JwtAuthenticatorTest, ATokenIsRememberedUntilItExpires) {
  const TestKey key(Algorithm::hs256);
  start(with(key));
  const std::string token = make_token(key, good_payload());
  const IdentityPtr first = ask(token).identity;
  EXPECT_EQ(ask(token).identity.get(), first.get());
  const double soon = static_cast<double>(base::unix_ms() + 300) / 1000;
  const std::string brief = make_token(key, R"({"exp":)" + std::to_string(soon) + "}");
  EXPECT_EQ(why(brief), "accepted");
  EXPECT_TRUE(loop_.until([&] { return why(brief) == "Token has expired"; }));
}

TEST_F(JwtAuthenticatorTest, KeysAreRotated) {
  const TestKey a(Algorithm::es256, "a"), b(Algorithm::es256, "b");
  start(fetched());
  server_.answer(jwks({a.jwk()}));
  const std::string token = make_token(a, good_payload()), next = make_token(b, good_payload());
  EXPECT_EQ(why(token), "accepted");
  const auto pending = ask_later(next);
  ASSERT_TRUE(loop_.until([&] { return server_.requests.size() == 2; }));
  EXPECT_FALSE(pending->has_value());
  server_.answer(jwks({b.jwk()}));
  ASSERT_TRUE(loop_.until([&] { return pending->has_value(); }));
  EXPECT_EQ((*pending)->status, AuthStatus::accepted);
  EXPECT_EQ(why(token), "Key of the token is not known") << "what was remembered is forgotten";
  EXPECT_EQ(server_.requests.size(), 2u) << "the rate is bounded";
}

TEST_F(JwtAuthenticatorTest, KeysThatCameWhileATokenWaitedCount) {
  const TestKey a(Algorithm::eddsa, "a"), b(Algorithm::eddsa, "b"), nobody(Algorithm::hs256, "nobody");
  start(fetched());
  server_.answer(jwks({a.jwk()}));
  std::vector<std::string> tokens;
  for (int i = 0; i < 500; ++i) tokens.push_back(make_token(a, payload_with(R"("sub":")" + std::to_string(i) + '"')));
  const std::string next = make_token(b, good_payload());
  for (const auto& token : tokens) ask_later(token);
  const auto waiting = ask_later(next);
  // This one is refused without the queue and has the keys fetched.
  ask_later(make_token(nobody, good_payload()));
  loop_.turn();
  ASSERT_EQ(server_.requests.size(), 2u);
  server_.answer(jwks({a.jwk(), b.jwk()}));
  ASSERT_TRUE(loop_.until([&] { return waiting->has_value(); }));
  EXPECT_EQ((*waiting)->status, AuthStatus::accepted);
  EXPECT_EQ(server_.requests.size(), 2u);
}

TEST_F(JwtAuthenticatorTest, WithoutKeysTokensCannotBeVerified) {
  const TestKey a(Algorithm::eddsa, "a");
  Timing timing;
  timing.retry_ms = timing.longest_retry_ms = 3'600'000;
  timing.look_again_ms = 1;
  start(fetched(), timing);
  const std::string token = make_token(a, good_payload()),
                    nameless = make_token(a, good_payload(), R"({"alg":"EdDSA"})");
  const auto early = ask_later(token), early_nameless = ask_later(nameless);
  server_.fail();
  EXPECT_TRUE(loop_.until([&] {
    if (server_.answered < server_.requests.size()) server_.fail();
    return early->has_value() && early_nameless->has_value();
  }));
  for (const auto& result : {early, early_nameless}) {
    EXPECT_EQ((*result)->status, AuthStatus::unavailable);
    EXPECT_EQ((*result)->why, "Tokens cannot be verified at the moment");
  }
  EXPECT_EQ(count("unavailable"), 2u);
  const auto late = ask_later(token);
  ASSERT_TRUE(loop_.until([&] { return server_.answered < server_.requests.size(); }));
  server_.answer(jwks({a.jwk()}));
  ASSERT_TRUE(loop_.until([&] { return late->has_value(); }));
  EXPECT_EQ((*late)->status, AuthStatus::accepted);
  EXPECT_EQ(why(nameless), "accepted");
}

TEST_F(JwtAuthenticatorTest, AWrongSignatureOfAKnownKeyAsksNobody) {
  const TestKey a(Algorithm::es256, "a"), fake(Algorithm::es256, "a");
  start(fetched());
  server_.answer(jwks({a.jwk()}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(make_token(fake, good_payload())), "Signature verification failed");
  EXPECT_EQ(why(make_token(fake, good_payload(), R"({"alg":"ES256"})")), "Signature verification failed");
  loop_.turn();
  EXPECT_EQ(server_.requests.size(), 1u);
}

TEST_F(JwtAuthenticatorTest, ManyAtOnce) {
  std::vector<TestKey> keys;
  std::string set;
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256, Algorithm::es384, Algorithm::eddsa})
    keys.emplace_back(algorithm, std::string(facts(algorithm).name));
  for (const auto& key : keys) set += (set.empty() ? "" : ",") + key.jwk();
  start(fetched());
  server_.answer(jwks({set}));
  std::vector<std::shared_ptr<std::optional<Result>>> results;
  for (int i = 0; i < 200; ++i)
    results.push_back(ask_later(make_token(keys[static_cast<std::size_t>(i) % keys.size()],
                                           payload_with(R"("sub":")" + std::to_string(i) + '"'))));
  ASSERT_TRUE(loop_.until(
      [&] { return std::all_of(results.begin(), results.end(), [](const auto& r) { return r->has_value(); }); }));
  for (int i = 0; i < 200; ++i) EXPECT_EQ((*results[static_cast<std::size_t>(i)])->identity->user, std::to_string(i));
}

TEST_F(JwtAuthenticatorTest, StoppingAnswersAll) {
  const TestKey key(Algorithm::es256, "k");
  start(fetched());
  server_.answer(jwks({key.jwk()}));
  std::vector<std::shared_ptr<std::optional<Result>>> results;
  for (int i = 0; i < 300; ++i)
    results.push_back(ask_later(make_token(key, payload_with(R"("sub":")" + std::to_string(i) + '"'))));
  results.push_back(ask_later(make_token(TestKey(Algorithm::es256, "unknown"), good_payload())));
  authenticator_->stop();
  results.push_back(ask_later(make_token(key, good_payload())));
  EXPECT_TRUE(loop_.until(
      [&] { return std::all_of(results.begin(), results.end(), [](const auto& r) { return r->has_value(); }); }));
  EXPECT_EQ(results.back()->value().status, AuthStatus::unavailable);
}

TEST(JwtCache, IsBoundedAndKnowsItsKeys) {
  const auto identity = [](std::size_t bytes) {
    Identity made;
    made.claims = std::string(bytes, ' ');
    return std::make_shared<const Identity>(made);
  };
  TokenCache cache(3, 100);
  const auto hash = [](int n) { return hash_token(std::to_string(n)); };
  for (int i = 0; i < 3; ++i) cache.put(hash(i), 1, identity(10));
  EXPECT_TRUE(cache.find(hash(0), 1));
  cache.put(hash(3), 1, identity(10));
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_FALSE(cache.find(hash(1), 1)) << "the one used longest ago";
  EXPECT_TRUE(cache.find(hash(0), 1));
  cache.put(hash(4), 1, identity(95));
  EXPECT_EQ(cache.size(), 1u) << "by bytes";
  EXPECT_FALSE(cache.find(hash(4), 2)) << "other keys";
  EXPECT_EQ(cache.size(), 0u);
  cache.put(hash(5), 2, identity(101));
  EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace dragoman::service
