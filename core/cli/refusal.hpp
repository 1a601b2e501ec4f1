// SPDX-License-Identifier: Apache-2.0
// What the publish door says when it refuses, as a sentence for a terminal. Any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/http_client.hpp"

namespace dragoman::cli {

// body: {"error", "path", "header"}, or anything. Never more than a line.
std::string refusal_sentence(std::string_view body);
// "the gateway answered 400: /key: ..."
std::string sentence_of(const HttpAnswer& answer);
// "index" in the body: which event of a batch is refused.
std::optional<std::size_t> refused_index(std::string_view body);

}  // namespace dragoman::cli
