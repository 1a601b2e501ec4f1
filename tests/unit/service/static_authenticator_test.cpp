// SPDX-License-Identifier: Apache-2.0
#include "service/static_authenticator.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace dragoman::service {
namespace {

AuthStatus ask(StaticAuthenticator& a, std::string_view token, IdentityPtr* identity = nullptr) {
  AuthStatus result = AuthStatus::unavailable;
  int calls = 0;
  a.authenticate(token, [&](AuthStatus status, IdentityPtr found, std::string_view) {
    result = status;
    ++calls;
    if (identity) *identity = found;
  });
  EXPECT_EQ(calls, 1);
  return result;
}

TEST(StaticAuthenticator, KnownUnknownAndExpiredTokens) {
  StaticAuthenticator a(10);
  Identity alice;
  alice.user = "alice";
  a.put("good", alice);
  alice.expires_ms = base::unix_ms() - 1;
  a.put("old", alice);
  IdentityPtr found;
  EXPECT_EQ(ask(a, "good", &found), AuthStatus::accepted);
  EXPECT_EQ(found->user, "alice");
  EXPECT_EQ(ask(a, "old"), AuthStatus::denied);
  EXPECT_EQ(ask(a, "Good"), AuthStatus::denied);
  EXPECT_EQ(ask(a, ""), AuthStatus::denied);
}

TEST(StaticAuthenticator, TakesOnlySoManyTokensExpiredOnesNotCounted) {
  StaticAuthenticator a(2);
  Identity old;
  old.expires_ms = base::unix_ms() - 1;
  EXPECT_TRUE(a.put("1", old));
  EXPECT_TRUE(a.put("2", {}));
  EXPECT_TRUE(a.put("3", {}));
  EXPECT_FALSE(a.put("4", {}));
  EXPECT_TRUE(a.put("3", {})) << "replacing is no addition";
  EXPECT_EQ(ask(a, "4"), AuthStatus::denied);
}

TEST(StaticAuthenticator, TheWatchHearsOfWhatChangesForLiveSessions) {
  StaticAuthenticator a(10);
  std::vector<std::string> heard;
  a.watch([&](const CredentialChange& c) { heard.push_back(c.credential + (c.identity ? " renewed" : " revoked")); });
  a.put("t", {});
  EXPECT_TRUE(heard.empty()) << "a new token has no sessions";
  a.put("t", {});
  EXPECT_TRUE(a.revoke("t"));
  EXPECT_FALSE(a.revoke("t"));
  EXPECT_EQ(heard, (std::vector<std::string>{"t renewed", "t revoked"}));
  EXPECT_EQ(ask(a, "t"), AuthStatus::denied);
}

}  // namespace
}  // namespace dragoman::service
