// SPDX-License-Identifier: Apache-2.0
// Queue messages, and the upstream's answers that complete them (lavaboom digest section 6). Any thread, no state.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"

namespace lavaboom {

// Bytes of an account id; it is the key that sessions subscribe to.
inline constexpr std::size_t longest_owner = 4096;

enum class EventKind { delivery, receipt };

inline constexpr std::string_view delivery_key = "email_delivery";
inline constexpr std::string_view receipt_key = "email_receipt";

struct UserEvent {
  EventKind kind = EventKind::delivery;
  std::string id;     // of the e-mail
  std::string owner;  // account id
  std::optional<std::string> name, thread;
  std::optional<std::vector<std::string>> labels;  // ids

  friend bool operator==(const UserEvent&, const UserEvent&) = default;
};

// key: of the bus event. Nothing: no event for a user.
std::optional<UserEvent> parse_queue_message(std::string_view key, std::string_view body);

// Paths of the look-ups. Nothing: such an id has no path.
std::optional<std::string> email_path(std::string_view id);
std::optional<std::string> thread_path(std::string_view thread);
inline constexpr std::string_view tokens_path = "/tokens";

// The bodies of answers with status 200. Nothing: it is not the answer that was expected.

struct Email {
  std::string name;
  std::string thread;  // empty: none
};
std::optional<Email> parse_email(std::string_view body);

std::optional<std::vector<std::string>> parse_thread_labels(std::string_view body);

struct Token {
  std::string owner;  // never empty
  std::string type;
  std::optional<std::int64_t> expires_ms;  // Unix; nothing: absent or unreadable
};
std::optional<Token> parse_token(std::string_view body);

struct Account {
  std::string owner;
  std::optional<std::int64_t> until_ms;  // Unix; when events stop; nothing: never
};
// Nothing: an invalid token.
std::optional<Account> accept(const Token& token, std::int64_t now_ms, const Settings& settings);

}  // namespace lavaboom
