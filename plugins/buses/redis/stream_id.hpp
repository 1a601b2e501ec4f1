// SPDX-License-Identifier: Apache-2.0
// Names of entries in a stream, in their order. Any thread.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace redis {

struct StreamId {
  std::uint64_t milliseconds = 0, sequence = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): the 0 that the compiler compares with is no pointer.
  auto operator<=>(const StreamId&) const = default;
  // As Redis writes it: "1700000000000-0".
  std::string text() const;
  static std::optional<StreamId> parse(std::string_view text);
};

}  // namespace redis
