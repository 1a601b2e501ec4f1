// SPDX-License-Identifier: Apache-2.0
// The settings of a kazoo mount; schema.json says what each means.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "account_tree.hpp"
#include "bindings.hpp"

namespace kazoo {

enum class UnknownAction { error, success, silent };

struct Settings {
  BindingOptions bindings{{"call", "conference", "fax", "object"}};
  bool tokens_at_crossbar = false;
  bool accounts_at_crossbar = false;
  std::string crossbar;
  AccountTree accounts;
  std::string system_account;
  std::chrono::milliseconds request_timeout{10'000};
  std::uint32_t max_bucket_tokens = 100;
  std::uint32_t tokens_fill_rate = 10;
  std::size_t max_bindings_per_socket = 0;
  std::chrono::milliseconds idle_timeout{3'600'000};
  std::string node;
  std::string version = "4.3";
  bool allow_subprotocol = false;
  bool accept_bindings_array = true;
  bool default_account_from_token = false;
  bool unsubscribe_all = true;
  UnknownAction unknown_action = UnknownAction::error;
  bool close_on_bad_json = false;
  bool ping_requires_auth = true;
  bool repeat_expanded_bindings = false;
  bool enforce_token_expiry = false;
  bool crossbar_tunnel = false;
  bool answer_crossbar = false;

  friend bool operator==(const Settings&, const Settings&) = default;
};

// json is valid against the schema, with defaults filled in. Throws std::runtime_error with a sentence for the admin.
Settings parse_settings(std::string_view json);

}  // namespace kazoo
