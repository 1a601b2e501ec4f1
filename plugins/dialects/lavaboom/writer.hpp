// SPDX-License-Identifier: Apache-2.0
// What the server sends: one JSON text per message (lavaboom digest section 4). Any bytes may be given as text; what is
// not UTF-8 becomes U+FFFD. Any thread, no state.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "events.hpp"
#include "protocol.hpp"
#include "settings.hpp"

namespace lavaboom {

// id: JSON text, as in Request. headers: as they came from the upstream; those that concern the connection or the
// length of the body are left out, names are canonicalised, values of one name united.
std::string response(std::string_view id, int status, const Headers& headers, std::string_view body, ResultType type);

// An answer that the gateway makes itself, as 400, 413, 502, 503 or 504.
std::string failure(std::string_view id, int status, std::string_view message, ResultType type);

std::string subscribed();
std::string unsubscribed();

inline constexpr std::string_view invalid_token = "Invalid token";
inline constexpr std::string_view invalid_message = "Invalid message";
inline constexpr std::string_view not_subscribed = "Not subscribed";
inline constexpr std::string_view unknown_type = "Unknown message type";

// id: JSON text; empty: none.
std::string error(std::string_view text, std::string_view id = {});

// To be sent in this order.
std::vector<std::string> unsubscribe_replies(bool was_subscribed, const Settings& settings);
std::vector<std::string> unknown_replies(const Unknown& message, const Settings& settings);

// What is missing is sent as empty text or array. minimal: only id and name.
std::string event_message(const UserEvent& event, bool minimal);

}  // namespace lavaboom
