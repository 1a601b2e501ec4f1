// SPDX-License-Identifier: Apache-2.0
// The settings of a lavaboom mount; schema.json says what each means (lavaboom digest sections 7 and 8).
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lavaboom {

enum class ResultType { response, result };
enum class TokenCheck { upstream, authenticator };

struct Settings {
  std::string upstream = "lavaboom";
  std::string channel = "lavaboom";
  std::string sockjs_prefix = "/ws";
  TokenCheck token_check = TokenCheck::upstream;
  bool check_token_expiry = true;
  bool require_auth_type = true;
  ResultType result_type = ResultType::response;
  bool minimal_events = false;
  bool lookup_names = true;
  bool ignore_unknown_types = false;
  bool double_reply = false;
  std::vector<std::string> allowed_methods;  // upper case; empty: every method but CONNECT
  bool forward_get_body = false;
  std::uint32_t max_parallel_requests = 1;
  std::uint32_t max_queued_requests = 64;
  std::chrono::milliseconds request_timeout{30'000};
  std::uint64_t max_response_body = std::uint64_t{16} << 20;  // bytes
  bool proxy_other_paths = false;

  friend bool operator==(const Settings&, const Settings&) = default;
};

// json is valid against the schema, with defaults filled in.
Settings parse_settings(std::string_view json);

}  // namespace lavaboom
