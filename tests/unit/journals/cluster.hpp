// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of this test alone: its own data directory and Unix socket, removed at the end.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>

#include "../directory.hpp"

namespace journals_test {

using unit::Directory;

class Cluster {
 public:
  // The programs of the newest server on this machine; empty if there is none.
  static std::filesystem::path programs();

  // Makes the cluster and starts it. Throws if it does not come up.
  Cluster();
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  void start();
  void stop();
  // Stops the processes where they are, so that connections stay but nothing is answered; and lets them go on.
  void freeze(bool frozen);
  // For libpq.
  std::string connection() const;
  // With psql, as the cluster's owner; throws on failure. What it prints, unaligned.
  std::string sql(const std::string& statement);

 private:
  Directory directory_;
  pid_t server_ = -1;
};

}  // namespace journals_test
