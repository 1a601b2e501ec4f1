// SPDX-License-Identifier: Apache-2.0
// The files of docs/demo, which are part of the program. Any thread.
#pragma once
#include <optional>
#include <string_view>

#include "net/http_response.hpp"

namespace dragoman::admin {

// The answer to GET for a path such as /demo/ or /demo/demo.js. Nothing: the page has no such path.
std::optional<net::HttpResponse> demo_response(std::string_view path);

}  // namespace dragoman::admin
