// SPDX-License-Identifier: Apache-2.0
// The settings of the bus; schema.json says what each means.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/endpoint.hpp"
#include "common/tls.hpp"

namespace mqtt {

struct Settings {
  std::vector<buses::Endpoint> endpoints;
  bool version5 = true;
  std::string client_id, username, password, channel;
  std::vector<std::string> topics;
  int qos = 1;
  std::chrono::seconds keepalive{60}, session_expiry{0};
  buses::TlsFiles tls;
  std::chrono::milliseconds connect_timeout{10000}, reconnect_min{500}, reconnect_max{30000};
  int max_inflight = 100;
  std::size_t queue_bytes = 16 << 20;
};

// settings: complete and valid against the schema. Files are below state_directory unless their paths are absolute.
// Throws dragoman::sdk::ConfigError; no secret is part of a sentence.
Settings parse_settings(std::string_view settings, std::string_view state_directory);

}  // namespace mqtt
