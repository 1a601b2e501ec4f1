// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word nearest to a mistyped one.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::config {

// `; did you mean "listen"?`, or, when nothing is near, `; expected one of a, b, c`; empty when there are no or too
// many words.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace dragoman::config
