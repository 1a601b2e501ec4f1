// SPDX-License-Identifier: Apache-2.0
#include "config/references.hpp"

#include <gmock/gmock.h>

#include <boost/json/object.hpp>
#include <cstdlib>

#include "loading.hpp"

namespace dragoman::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Settings are what the schema of the file leaves alone.
std::string resolved(const std::string& text, std::vector<Error>& errors) {
  const auto loaded = load_text(
      "listeners: {l: {address: 127.0.0.1:80}}\nbuses: {b: {plugin: embedded}}\n"
      "mounts: {m: {plugin: p, listen: [{listener: l}], settings: {x: '" +
          text + "'}}}\n",
      "f", sealed(), errors);
  if (!loaded) return "";
  return std::string(loaded->mounts[0].settings.at("x").as_string());
}

std::string resolved(const std::string& text) {
  std::vector<Error> errors;
  std::string out = resolved(text, errors);
  EXPECT_THAT(texts(errors), IsEmpty());
  return out;
}

TEST(References, StandForValues) {
  EXPECT_EQ(resolved("${env:SECRET}"), secret);
  EXPECT_EQ(resolved("amqp://u:${env:SECRET}@h/${env:NUMBER}"), "amqp://u:" + secret + "@h/8");
  EXPECT_EQ(resolved("${file:token}"), secret);
  EXPECT_EQ(resolved("[${env:EMPTY}]"), "[]");
}

TEST(References, FilesLoseOneLineEnd) {
  EXPECT_EQ(resolved("${file:/etc/two-lines}"), "one\ntwo\n");
  EXPECT_EQ(resolved("${file:/etc/dos}"), "one");
}

TEST(References, CanBeEscaped) {
  EXPECT_EQ(resolved("$${env:SECRET}"), "${env:SECRET}");
  EXPECT_EQ(resolved("$${a}${env:NUMBER}$${b}"), "${a}8${b}");
  EXPECT_EQ(resolved("$ $x {a} $"), "$ $x {a} $");
}

TEST(References, AreNotLookedAtAgain) {
  EXPECT_EQ(resolved("${env:NESTED}"), "${env:SECRET}");
}

TEST(References, AreBoundedInAll) {
  std::string many;
  for (int i = 0; i < 400; ++i) many += "${env:BIG}";
  LoadOptions options;
  options.sources.environment = [](const std::string&) { return std::optional<std::string>(std::string(60'000, 'x')); };
  std::vector<Error> errors;
  EXPECT_FALSE(load_text("admin: {token: '" + many + "'}", "f", options, errors));
  EXPECT_THAT(texts(errors), ElementsAre("f:1:16: admin.token: references bring in more than 16 MiB"));
}

TEST(References, ServeFormatsButNotNumbers) {
  std::vector<Error> errors;
  const auto loaded = load_text("shutdown_timeout: ${env:DURATION}\nadmin: {token: t}\n", "f", sealed(), errors);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->shutdown_timeout_ms, 7000u);
}

TEST(References, ReadTheProcessEnvironment) {
  ::setenv("DRAGOMAN_CONFIG_TEST", "from the environment", 1);
  std::vector<Error> errors;
  const auto loaded = load_text("admin: {token: '${env:DRAGOMAN_CONFIG_TEST}'}\n", "f", {}, errors);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->admin.token, "from the environment");
  EXPECT_TRUE(loaded->locations.secret("admin.token"));
}

}  // namespace
}  // namespace dragoman::config
