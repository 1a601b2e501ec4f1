// SPDX-License-Identifier: Apache-2.0
#include "topic.hpp"

#include <algorithm>
#include <vector>

namespace valtronics {
namespace {

constexpr std::size_t most_levels = 6;

// Empty: too many levels, or one that is empty.
std::vector<std::string_view> split(std::string_view key) {
  const char separator = key.find('/') == key.npos ? '.' : '/';
  std::vector<std::string_view> levels;
  for (std::size_t from = 0; from <= key.size();) {
    const std::size_t end = std::min(key.find(separator, from), key.size());
    if (end == from || levels.size() == most_levels) return {};
    levels.push_back(key.substr(from, end - from));
    from = end + 1;
  }
  return levels;
}

}  // namespace

std::optional<Topic> parse_topic(std::string_view key) {
  using Kind = Topic::Kind;
  std::vector<std::string_view> levels = split(key);
  if (!levels.empty() && levels.front() == "valtronics") levels.erase(levels.begin());
  const auto is = [&](std::initializer_list<std::string_view> front, std::size_t size) {
    return levels.size() == size && std::equal(front.begin(), front.end(), levels.begin());
  };
  const auto detail = [&] { return std::string(levels.back()); };
  if (is({"ws"}, 2)) return Topic{Kind::message, "", detail()};
  if (is({"system", "status"}, 2)) return Topic{Kind::system_status, "", ""};
  if (is({"system", "alerts"}, 3)) return Topic{Kind::system_alert, "", detail()};
  if (is({"monitoring", "metrics"}, 3)) return Topic{Kind::system_metric, "", detail()};
  if (levels.size() > 2 && levels.front() == "devices") levels.erase(levels.begin());
  if (levels.size() != 2 && levels.size() != 3) return std::nullopt;
  const std::string device(levels[0]);
  const std::string_view what = levels[1];
  const std::string third = levels.size() == 3 ? detail() : std::string();
  if (what == "telemetry") return Topic{Kind::telemetry, device, third};
  if (what == "status") return Topic{Kind::status, device, ""};
  if (!third.empty()) return std::nullopt;
  if (what == "heartbeat") return Topic{Kind::heartbeat, device, ""};
  if (what == "alert") return Topic{Kind::alert, device, ""};
  if (what == "response") return Topic{Kind::ignored, "", ""};
  return std::nullopt;
}

}  // namespace valtronics
