// SPDX-License-Identifier: Apache-2.0
#include "stream_id.hpp"

#include <charconv>

namespace redis {

std::string StreamId::text() const {
  return std::to_string(milliseconds) + '-' + std::to_string(sequence);
}

std::optional<StreamId> StreamId::parse(std::string_view text) {
  const auto read = [](std::string_view digits, std::uint64_t& into) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  const std::size_t dash = text.find('-');
  StreamId out;
  if (dash == std::string_view::npos || !read(text.substr(0, dash), out.milliseconds) ||
      !read(text.substr(dash + 1), out.sequence))
    return std::nullopt;
  return out;
}

}  // namespace redis
