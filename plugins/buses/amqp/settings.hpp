// SPDX-License-Identifier: Apache-2.0
// The settings of the bus; schema.json says what each means.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/endpoint.hpp"
#include "common/tls.hpp"

namespace amqp {

using Argument = std::variant<std::string, bool, std::int64_t>;
using Arguments = std::vector<std::pair<std::string, Argument>>;

enum class ExchangeType { topic, fanout, direct, headers };

struct Exchange {
  ExchangeType type = ExchangeType::topic;
  bool declare = false, durable = true, auto_delete = false;
  std::vector<Arguments> match;
};

struct Settings {
  std::vector<buses::Endpoint> endpoints;  // path: the virtual host
  std::string username, password;
  std::map<std::string, Exchange, std::less<>> exchanges;
  std::string queue, queue_channel;
  bool queue_declare = true, queue_durable = false;
  std::chrono::milliseconds queue_expires{0};
  std::uint16_t prefetch = 250;
  bool drop = false, persistent = true;
  std::chrono::seconds heartbeat{10};
  buses::TlsFiles tls;
  std::chrono::milliseconds connect_timeout{10000}, reconnect_min{500}, reconnect_max{30000}, publish_timeout{10000};
  std::size_t max_inflight = 1000, queue_bytes = 16 << 20, message_bytes = 4 << 20;

  // Of one that is not configured: type topic, which must be there.
  const Exchange& exchange(std::string_view name) const;
};

const char* name_of(ExchangeType type);

// settings: complete and valid against the schema. Files are below state_directory unless their paths are absolute.
// Throws dragoman::sdk::ConfigError; no secret is part of a sentence.
Settings parse_settings(std::string_view settings, std::string_view state_directory);

}  // namespace amqp
