// SPDX-License-Identifier: Apache-2.0
#include "stores.hpp"

namespace journals_test {
namespace {

std::unique_ptr<Cluster>& cluster_place() {
  static std::unique_ptr<Cluster> cluster;
  return cluster;
}

// The server is stopped before main() ends, when everything it needs is still there.
class StopCluster : public testing::Environment {
 public:
  void TearDown() override { cluster_place().reset(); }
};
const auto* const stop_cluster = testing::AddGlobalTestEnvironment(new StopCluster);

}  // namespace

Cluster& shared_cluster() {
  auto& place = cluster_place();
  if (!place) place = std::make_unique<Cluster>();
  return *place;
}

std::string sqlite_settings(const std::string& path, const std::string& more) {
  return R"({"path": ")" + path + R"(", "synchronous": "full", "busy_timeout_ms": 2000)" + more + "}";
}

std::string postgres_settings(const std::string& connection, const std::string& schema, int timeout_ms) {
  return R"({"connection": ")" + connection + R"(", "schema": ")" + schema + R"(", "timeout_ms": )" +
         std::to_string(timeout_ms) + "}";
}

void EveryJournal::SetUp() {
  if (std::string(GetParam()) == "sqlite") {
    directory_ = std::make_unique<Directory>();
    settings_ = sqlite_settings(directory_->path() / "journal.db");
  } else {
    if (Cluster::programs().empty()) FAIL() << "no PostgreSQL server is installed: ./dev setup";
    static int number = 0;
    settings_ = postgres_settings(shared_cluster().connection(), label("t", ++number));
  }
  journal_ = instance();
  ASSERT_TRUE(journal_->configured().ok()) << journal_->configured();
  const Answer opened = journal_->open();
  ASSERT_TRUE(opened.ok()) << opened;
}

void EveryJournal::TearDown() {
  journal_.reset();
}

void EveryJournal::reopen() {
  journal_ = instance();
  const Answer opened = journal_->open();
  ASSERT_TRUE(opened.ok()) << opened;
}

std::vector<Record> numbered(const std::string& stream, int n, const std::string& prefix) {
  std::vector<Record> out;
  for (int i = 1; i <= n; ++i)
    out.push_back({stream, prefix + std::to_string(i), "body " + std::to_string(i), i * 1000, {}});
  return out;
}

}  // namespace journals_test
