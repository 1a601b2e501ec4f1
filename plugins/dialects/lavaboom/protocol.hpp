// SPDX-License-Identifier: Apache-2.0
// What a client sends, one Lavaboom message at a time (lavaboom digest sections 3 and 5). Any thread, no state.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "settings.hpp"

namespace lavaboom {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A request that may be sent upstream as it is. The one who sends it adds X-Forwarded-For and asks for no content
// coding: neither is taken from the client.
struct Request {
  std::string id;      // JSON text to be echoed; "" in quotes when the message had none
  std::string method;  // a token in upper case
  std::string path;    // with the query; begins with '/', only visible ASCII
  Headers headers;     // tokens as names, no control characters; a name may come more than once
  std::string body;    // UTF-8; empty: none
};
// A request that may not be sent; the answer is a response of this status.
struct Refused {
  std::string id;  // as in Request
  int status = 0;  // 400 or 413
  std::string message;
};
struct Subscribe {
  std::string token;  // secret; no control characters; empty: none that could be valid
};
struct Unsubscribe {};
struct Unknown {
  std::string id;  // JSON text; empty: the message had none
};
// Not JSON, not an object, or a type that is no string.
struct Invalid {};
using Message = std::variant<Request, Refused, Subscribe, Unsubscribe, Unknown, Invalid>;

// More header lines or bytes of headers than this are refused: an array under a long name would multiply that name.
// With X-Forwarded-For it is what the host takes.
inline constexpr std::size_t most_header_lines = 255;
inline constexpr std::size_t most_header_bytes = 65'536;
inline constexpr std::size_t longest_header_name = 4096;
inline constexpr std::size_t longest_method = 64;
inline constexpr std::size_t longest_path = 65'536;
inline constexpr std::size_t longest_token = 4096;

Message parse_message(std::string_view text, const Settings& settings);

// Whether the answer to this request means that the token is gone, so that its subscription ends (digest section 8,
// row 12). token: of the subscription.
bool ends_token(const Request& request, int status, std::string_view token);

}  // namespace lavaboom
