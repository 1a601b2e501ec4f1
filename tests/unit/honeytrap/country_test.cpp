// SPDX-License-Identifier: Apache-2.0
// Honeytrap digest section 9, source.country.isocode.
#include "country.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "country_file.hpp"

namespace honeytrap {
namespace {

class HoneytrapCountry : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/honeytrap-country-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::optional<CountryDatabase> open(const std::string& bytes) {
    const std::string path = folder_ + "/" + std::to_string(++files_) + ".mmdb";
    std::ofstream(path, std::ios::binary) << bytes;
    error_.clear();
    return CountryDatabase::open(path, error_);
  }

  std::string folder_, error_;
  int files_ = 0;
};

CountryFile sample() {
  CountryFile file;
  file.add("::c633:6400", 120, CountryFile::text("NL"));  // 198.51.100.0/24
  file.add("::cb00:7100", 120, CountryFile::text("DE"));  // 203.0.113.0/24
  file.add("::c000:0200", 120, CountryFile::text("nl"));  // 192.0.2.0/24
  file.add("::0a00:0000", 104, "\xa1\x05");               // 10.0.0.0/8: a number instead of a text
  file.add("2001:db8::", 32, CountryFile::text("FR"));
  return file;
}

TEST_F(HoneytrapCountry, Lookup) {
  const auto database = open(sample().bytes());
  ASSERT_TRUE(database) << error_;
  const auto code = [&](std::string_view address) {
    const auto found = database->lookup(address);
    return found ? std::string(found->data(), 2) : "";
  };
  EXPECT_EQ(code("198.51.100.7"), "NL");
  EXPECT_EQ(code("203.0.113.255"), "DE");
  EXPECT_EQ(code("2001:db8::1"), "FR");
  EXPECT_EQ(code("::ffff:198.51.100.7"), "NL");
  EXPECT_EQ(code("198.51.101.7"), "");
  EXPECT_EQ(code("2001:db9::1"), "");
  // What the database says is checked too.
  EXPECT_EQ(code("192.0.2.1"), "");
  EXPECT_EQ(code("10.0.0.1"), "");
}

TEST_F(HoneytrapCountry, WhatIsNoAddressHasNoCountry) {
  const auto database = open(sample().bytes());
  ASSERT_TRUE(database) << error_;
  for (const std::string& bad : {std::string(), std::string("localhost"), std::string("198.51.100"), std::string("1"),
                                 std::string("198.51.100.7\0", 13), std::string("198.51.100.7:80"),
                                 std::string("fe80::1%lo"), std::string(5000, '1'), std::string("\xff\xfe")})
    EXPECT_FALSE(database->lookup(bad)) << bad;
}

TEST_F(HoneytrapCountry, FilesThatCannotBeUsed) {
  EXPECT_FALSE(open(""));
  EXPECT_FALSE(open("no database at all"));
  EXPECT_NE(error_.find(".mmdb cannot be used: "), std::string::npos) << error_;
  for (const std::string& path : {folder_ + "/missing", folder_, std::string("/dev/zero"), std::string()}) {
    error_.clear();
    EXPECT_FALSE(CountryDatabase::open(path, error_)) << path;
    EXPECT_FALSE(error_.empty());
  }
}

TEST_F(HoneytrapCountry, DamagedFiles) {
  const std::string whole = sample().bytes();
  // Behind it is the metadata; libmaxminddb 1.7 leaks a few kilobytes when that is damaged and it refuses the file.
  const std::size_t metadata = whole.find("\xab\xcd\xefMaxMind.com");
  ASSERT_NE(metadata, whole.npos);
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (std::size_t changes = random() % 6; changes > 0; --changes)
      bytes[random() % metadata] = static_cast<char>(random());
    if (round % 4 == 0) bytes.resize(random() % bytes.size());
    if (round % 4 == 1) bytes.erase(random() % metadata, random() % 16);
    if (const auto database = open(bytes))
      for (const char* address : {"198.51.100.7", "203.0.113.1", "10.0.0.1", "2001:db8::1", "1.1.1.1"})
        database->lookup(address);
  }
}

}  // namespace
}  // namespace honeytrap
