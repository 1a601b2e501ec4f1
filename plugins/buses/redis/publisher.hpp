// SPDX-License-Identifier: Apache-2.0
// Sends what waits to be published. The connections' thread.
#pragma once
#include <cstdint>
#include <deque>
#include <dragoman/sdk/bus.hpp>
#include <optional>
#include <string>

#include "common/outbox.hpp"
#include "connection.hpp"

namespace redis {

class Publisher {
 public:
  Publisher(dragoman::sdk::BusHost host, const Settings& settings, buses::Outbox& outbox)
      : host_(host), settings_(settings), outbox_(outbox) {}
  void begin() { asked_.clear(); }
  // Sends what is due, once the server has let this client in.
  void tend(Connection& connection);
  // Throws Lost.
  void take(const Reply& reply);
  bool waiting() const { return !asked_.empty(); }

 private:
  void send(Connection& connection, const buses::Outgoing& message) const;

  const dragoman::sdk::BusHost host_;
  const Settings& settings_;
  buses::Outbox& outbox_;
  std::deque<std::optional<std::uint64_t>> asked_;  // what is not answered: published messages, or a probe
  std::uint64_t number_ = 0;
  std::string refused_;  // the last reason
};

}  // namespace redis
