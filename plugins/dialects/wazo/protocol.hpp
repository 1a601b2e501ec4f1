// SPDX-License-Identifier: Apache-2.0
// Messages and close codes (wazo digest sections 2, 5 and 6). No host.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "settings.hpp"

namespace wazo {

// Document, "Status Code"; wazo digest 6.3.
enum Close : std::uint16_t {
  no_token = 4001,
  auth_failed = 4002,
  auth_expired = 4003,
  protocol_error = 4004,
  internal_error = 1011,
  try_again_later = 1013
};

struct Subscribe {
  std::string event_name;
};
struct Start {};
struct RenewToken {
  std::string token;
};
struct Ping {
  std::string payload;
};
using Command = std::variant<Subscribe, Start, RenewToken, Ping>;

// Nothing: a protocol error (wazo digest section 5).
std::optional<Command> parse_command(std::string_view text);

enum class Version { v1 = 1, v2 = 2 };

struct Query {
  std::optional<std::string> token;    // absent when blank
  std::optional<std::string> version;  // absent when blank
};
// The first pair of a name wins; '&' separates; percent-decoding, '+' is a blank (wazo digest section 2).
Query parse_query(std::string_view query);

enum class VersionVerdict { v1, v2, unsupported, not_a_number };
VersionVerdict judge_version(const std::optional<std::string>& version);

std::string init_reply(Version version, V1Reply style);
// op: subscribe, start or token.
std::string ok_reply(std::string_view op, Version version, V1Reply style);
std::string pong_reply(std::string_view payload);

// A JSON string with non-ASCII escaped, as Python's json.dumps writes it.
std::string json_string(std::string_view utf8);

}  // namespace wazo
