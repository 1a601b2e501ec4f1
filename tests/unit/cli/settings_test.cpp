// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "../directory.hpp"
#include "cli/commands.hpp"

namespace dragoman::cli {
namespace {

std::string file_with(const std::string& text) {
  static const unit::Directory directory;
  static int number = 0;
  std::string path = directory.path() / std::to_string(++number);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Settings, SplitsPairs) {
  EXPECT_EQ(split_pair("a=b=c", "--x"), (std::pair<std::string, std::string>("a", "b=c")));
  EXPECT_EQ(split_pair("a=", "--x"), (std::pair<std::string, std::string>("a", "")));
  for (const char* text : {"", "a", "=b"}) EXPECT_THROW(split_pair(text, "--x"), WrongUsage) << text;
}

TEST(Settings, ASecretLosesOneLineEnd) {
  EXPECT_EQ(read_secret_file(file_with("hush"), "the token"), "hush");
  EXPECT_EQ(read_secret_file(file_with("hush\n"), "the token"), "hush");
  EXPECT_EQ(read_secret_file(file_with("hush \r\n"), "the token"), "hush ");
  EXPECT_EQ(read_secret_file(file_with("hush\n\n"), "the token"), "hush\n");
  for (const char* text : {"", "\n"}) EXPECT_THROW(read_secret_file(file_with(text), "the token"), Failure);
  EXPECT_THROW(read_secret_file("/nonexistent", "the token"), Failure);
  EXPECT_THROW(read_secret_file("/", "the token"), Failure);
}

TEST(Settings, Ports) {
  for (const char* text : {"1", "80", "65535"}) EXPECT_TRUE(is_port(text)) << text;
  for (const char* text : {"", "0", "65536", "99999", "-1", "80x", " 80"}) EXPECT_FALSE(is_port(text)) << text;
}

TEST(Settings, Counts) {
  EXPECT_EQ(count_of(0, "error"), "0 errors");
  EXPECT_EQ(count_of(1, "error"), "1 error");
  EXPECT_EQ(count_of(2, "error"), "2 errors");
}

}  // namespace
}  // namespace dragoman::cli
