// SPDX-License-Identifier: Apache-2.0
// The fixture of the tests that every journal passes: a new, empty store for each test.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "cluster.hpp"
#include "journal.hpp"

namespace journals_test {

// One server for all tests of this program, started when the first needs it.
Cluster& shared_cluster();

std::string sqlite_settings(const std::string& path, const std::string& more = "");
std::string postgres_settings(const std::string& connection, const std::string& schema, int timeout_ms = 5000);

// The parameter is the plugin's name.
class EveryJournal : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Another instance on the same store.
  std::unique_ptr<Journal> instance() const { return std::make_unique<Journal>(GetParam(), settings_); }
  Journal& journal() { return *journal_; }
  // Closes everything and opens the store anew.
  void reopen();

 private:
  std::unique_ptr<Directory> directory_;
  std::string settings_;
  std::unique_ptr<Journal> journal_;
};

// n records in `stream`, ids "<prefix>1"..., times 1000, 2000...
std::vector<Record> numbered(const std::string& stream, int n, const std::string& prefix = "id");

}  // namespace journals_test

#define EVERY_JOURNAL_DOES(Suite)                                                  \
  INSTANTIATE_TEST_SUITE_P(Journals, Suite, testing::Values("sqlite", "postgres"), \
                           [](const auto& chosen) { return std::string(chosen.param); })
