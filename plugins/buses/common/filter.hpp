// SPDX-License-Identifier: Apache-2.0
// Filters as sets of names. A name has levels; in a filter one level may stand for any, and '#' at the end for any
// number of levels, none too. All filters are valid ones. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace buses {

// How a kind of broker writes them.
struct FilterForm {
  char separator, one;  // between levels; the level that stands for any
  // Names that a wildcard at the first level does not stand for.
  bool (*hidden)(std::string_view name);

  bool has_wildcard(std::string_view filter) const;
  // Every name of b is one of a.
  bool covers(std::string_view a, std::string_view b) const;
  // Some name is one of both.
  bool overlap(std::string_view a, std::string_view b) const;
  // The names of both. Nothing: there are none.
  std::optional<std::string> intersection(std::string_view a, std::string_view b) const;
  // The narrowest filter that covers two that overlap.
  std::string join(std::string_view a, std::string_view b) const;

  // Filters of which no two overlap and that together cover the given ones: a broker may send an event once per filter
  // that fits, and nothing in what it sends tells a copy from another event.
  std::vector<std::string> apart(const std::vector<std::string>& filters) const;

  bool is_wildcard(std::string_view level) const { return level == "#" || level == std::string_view(&one, 1); }
  std::string_view first_level(std::string_view filter) const { return filter.substr(0, filter.find(separator)); }
};

}  // namespace buses
