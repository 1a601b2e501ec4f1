// SPDX-License-Identifier: Apache-2.0
// The settings of the bus; schema.json says what each means.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/endpoint.hpp"
#include "common/tls.hpp"

namespace redis {

struct Settings {
  std::vector<buses::Endpoint> endpoints;
  std::string username, password, channel, prefix;
  int database = 0;
  std::vector<std::string> patterns, streams;
  bool from_beginning = false;
  long long stream_length = 0;
  buses::TlsFiles tls;
  std::chrono::milliseconds keepalive{15000}, connect_timeout{10000}, reconnect_min{500}, reconnect_max{30000};
  std::size_t queue_bytes = 16 << 20;
};

// settings: complete and valid against the schema. Files are below state_directory unless their paths are absolute.
// Throws dragoman::sdk::ConfigError; no secret is part of a sentence.
Settings parse_settings(std::string_view settings, std::string_view state_directory);

}  // namespace redis
