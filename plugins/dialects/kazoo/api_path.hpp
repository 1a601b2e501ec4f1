// SPDX-License-Identifier: Apache-2.0
// Requests to the HTTP API, as far as they are text (kazoo digest sections 5 and 8). Any thread, no state.
#pragma once
#include <dragoman/sdk/http.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kazoo {

// A path below that of the mount: what it is about.
struct ApiPath {
  std::string account;  // empty: of no account
  std::string socket;   // of that account; empty: all
};
// Nothing: it is about nothing that is here.
std::optional<ApiPath> parse_api_path(std::string_view path);

// The token that came with a request, wherever; empty: none.
std::string request_token(const dragoman::sdk::HttpRequest& request);

// As it stands in errors: "bad identifier" gives "bad_identifier".
std::string error_name(std::string_view text);

}  // namespace kazoo
