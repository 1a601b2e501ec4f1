// SPDX-License-Identifier: Apache-2.0
// What a Crossbar asks every node over the bus: which sockets an account has there (kazoo digest section 6.3).
#pragma once
#include <dragoman/sdk.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kazoo {

namespace sdk = dragoman::sdk;

inline constexpr std::string_view question_exchange = "sysconf";
inline constexpr std::string_view question_key = "websockets.get";
inline constexpr std::string_view answer_exchange = "targeted";
inline constexpr std::string_view pid_header = "Deliver-To-PID";

struct SocketQuestion {
  std::string account, own;           // whose sockets: of the account, and of the one who asks; empty: not known
  std::optional<std::string> socket;  // only that one
  std::optional<std::string> message_id;
  std::string queue, pid;  // of the one who asks; pid: empty: none
};

// Any thread. Nothing: it is no such question, or nobody could be answered.
std::optional<SocketQuestion> parse_socket_question(std::string_view body);

// Any thread. data: JSON.
std::string socket_answer(const SocketQuestion& question, std::string_view data);

// On a shard. Publishes the answer for the sockets of this node, later, once; nobody hears whether it arrived.
void answer_socket_question(const sdk::Host& host, const sdk::Registry& registry, SocketQuestion question);

}  // namespace kazoo
