// SPDX-License-Identifier: Apache-2.0
// The settings of the bus; schema.json says what each means.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/endpoint.hpp"
#include "common/tls.hpp"

namespace nats {

struct Settings {
  std::vector<buses::Endpoint> endpoints;
  std::string client_name, username, password, token, credentials, channel;
  std::vector<std::string> bounds;  // settings.subjects as filters
  std::string stream, durable;
  std::string stream_subject;  // of the stream's what is consumed; empty: all
  int max_ack_pending = 1000;
  buses::TlsFiles tls;
  std::chrono::milliseconds connect_timeout{10000}, answer_timeout{5000}, ping_interval{30000}, reconnect_min{500},
      reconnect_max{30000};
  std::size_t max_inflight = 256, queue_bytes = 16 << 20, pending_messages = 65536, pending_bytes = 64 << 20;
};

// settings: complete and valid against the schema. Files are below state_directory unless their paths are absolute.
// Throws dragoman::sdk::ConfigError; no secret is part of a sentence.
Settings parse_settings(std::string_view settings, std::string_view state_directory);

}  // namespace nats
