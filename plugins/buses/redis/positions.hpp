// SPDX-License-Identifier: Apache-2.0
// Up to where streams were read, in a file that outlives the process. Any thread.
#pragma once
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <filesystem>
#include <mutex>
#include <optional>

#include "courier.hpp"

namespace redis {

class Positions {
 public:
  Positions(dragoman::sdk::BusHost host, std::filesystem::path file) : host_(host), file_(std::move(file)) {}
  // What an earlier process has stored. One that cannot be read counts as none, and is told.
  PositionMap load();
  // Replaces those of these streams. A failure is told, once until it goes again; the former file stays.
  void store(const PositionMap& positions);

 private:
  void write();

  const dragoman::sdk::BusHost host_;
  const std::filesystem::path file_;
  std::mutex mutex_;
  PositionMap all_;
  bool failing_ = false;
  std::optional<std::chrono::steady_clock::time_point> synced_;
};

}  // namespace redis
