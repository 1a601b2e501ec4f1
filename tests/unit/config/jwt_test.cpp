// SPDX-License-Identifier: Apache-2.0
// Authenticators of the type jwt as they are typed.
#include <gmock/gmock.h>

#include "loading.hpp"

namespace dragoman::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

JwtConfig load_jwt(const std::string& yaml) {
  std::vector<Error> errors;
  const auto loaded =
      load_text("admin: {token: t}\nupstreams: {idp: {url: http://h}}\nauthenticators:\n  a:\n    type: jwt\n" + yaml,
                "dir/f", sealed(), errors);
  EXPECT_THAT(texts(errors), IsEmpty());
  return loaded ? loaded->authenticators.at(0).jwt : JwtConfig();
}

TEST(JwtConfiguration, WhatIsLeftOut) {
  const JwtConfig read = load_jwt("    keys: [{secret: s}, {upstream: idp, path: /k}]\n");
  ASSERT_EQ(read.keys.size(), 2u);
  EXPECT_THAT(read.keys[0].algorithms, IsEmpty());
  EXPECT_EQ(read.keys[1].refresh_ms, 600'000u);
  EXPECT_THAT(read.issuers, IsEmpty());
  EXPECT_THAT(read.audiences, IsEmpty());
  EXPECT_THAT(read.required, ElementsAre("exp"));
  EXPECT_EQ(read.leeway_ms, 0);
  EXPECT_THAT(read.identity.id, ElementsAre("/sub"));
  EXPECT_THAT(read.identity.user, ElementsAre("/sub"));
  EXPECT_THAT(read.identity.tenant, IsEmpty());
  EXPECT_THAT(read.identity.grants, IsEmpty());
}

TEST(JwtConfiguration, EveryKey) {
  const JwtConfig read = load_jwt(
      "    keys:\n"
      "      - {secret: \"${env:SECRET}\", id: one, algorithms: [HS256, HS512]}\n"
      "      - {secret_base64: c2VjcmV0}\n"
      "      - {pem: public.pem}\n"
      "      - {jwks: /etc/keys.json}\n"
      "      - {upstream: idp, path: /jwks.json, refresh: 5m}\n"
      "    issuer: https://issuer\n    audience: [a, b]\n    require: []\n    leeway: 3s\n"
      "    identity: {id: /jti, user: [/uid, /sub], tenant: /t, account: /a~1b, session: /sid, grants: [/p, "
      "/scope]}\n");
  ASSERT_EQ(read.keys.size(), 5u);
  EXPECT_EQ(read.keys[0].secret, secret);
  EXPECT_EQ(read.keys[0].id, "one");
  EXPECT_THAT(read.keys[0].algorithms, ElementsAre("HS256", "HS512"));
  EXPECT_EQ(read.keys[1].secret_base64, "c2VjcmV0");
  EXPECT_EQ(read.keys[2].pem, "dir/public.pem");
  EXPECT_EQ(read.keys[3].jwks, "/etc/keys.json");
  EXPECT_EQ(read.keys[4].upstream, "idp");
  EXPECT_EQ(read.keys[4].path, "/jwks.json");
  EXPECT_EQ(read.keys[4].refresh_ms, 300'000u);
  EXPECT_THAT(read.issuers, ElementsAre("https://issuer"));
  EXPECT_THAT(read.audiences, ElementsAre("a", "b"));
  EXPECT_THAT(read.required, IsEmpty());
  EXPECT_EQ(read.leeway_ms, 3000);
  EXPECT_THAT(read.identity.id, ElementsAre("/jti"));
  EXPECT_THAT(read.identity.user, ElementsAre("/uid", "/sub"));
  EXPECT_THAT(read.identity.tenant, ElementsAre("/t"));
  EXPECT_THAT(read.identity.account, ElementsAre("/a~1b"));
  EXPECT_THAT(read.identity.session, ElementsAre("/sid"));
  EXPECT_THAT(read.identity.grants, ElementsAre("/p", "/scope"));
}

}  // namespace
}  // namespace dragoman::config
