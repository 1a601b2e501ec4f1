// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace dragoman::event {

// Appends a JSON string; `text` is UTF-8. Any thread.
void append_json_string(std::string& out, std::string_view text);

}  // namespace dragoman::event
