// SPDX-License-Identifier: Apache-2.0
#include "interests.hpp"

#include <algorithm>
#include <iterator>

#include "common/message.hpp"
#include "common/text.hpp"
#include "glob.hpp"

namespace redis {
namespace {

// Whether the count began or ceased to be something.
bool counted(std::map<std::string, int>& counts, const std::string& name, int by) {
  const auto at = counts.try_emplace(name, 0).first;
  const bool before = at->second > 0, after = (at->second += by) > 0;
  if (at->second == 0) counts.erase(at);
  return before != after;
}

std::vector<std::string> difference(const std::set<std::string>& of, const std::set<std::string>& less) {
  std::vector<std::string> out;
  std::set_difference(of.begin(), of.end(), less.begin(), less.end(), std::back_inserter(out));
  return out;
}

}  // namespace

Interests::Interests(std::string_view prefix, const std::vector<std::string>& bounds) : prefix_(prefix) {
  for (const std::string& bound : bounds) bounds_.push_back(literal_glob(prefix_) + glob_of(bound));
}

void Interests::count(std::string_view key, bool literal, int by) {
  // No event has such a key.
  if (key.size() > buses::key_limit || !buses::is_text(key)) return;
  if (literal) {
    const std::string channel = prefix_ + std::string(key);
    const auto fits_in = [&](const std::string& bound) { return fits(bound, channel); };
    if (!bounds_.empty() && std::none_of(bounds_.begin(), bounds_.end(), fits_in)) return;
    if (counted(channels_, channel, by)) touched_.insert(channel);
    return;
  }
  const std::string glob = literal_glob(prefix_) + glob_of(key);
  const auto covers_it = [&](const std::string& bound) { return covers(bound, glob); };
  if (bounds_.empty() || std::any_of(bounds_.begin(), bounds_.end(), covers_it)) return count_pattern(glob, by);
  for (const std::string& bound : bounds_)
    if (overlap(bound, glob)) count_pattern(bound, by);
}

void Interests::count_pattern(const std::string& glob, int by) {
  if (counted(patterns_, glob, by)) patterns_changed_ = true;
}

bool Interests::covered(const std::string& channel) const {
  return std::any_of(cover_.begin(), cover_.end(), [&](const std::string& glob) { return fits(glob, channel); });
}

Change Interests::apply() {
  Change change;
  if (patterns_changed_) {
    std::set<std::string> cover;
    for (const auto& entry : patterns_) {
      const std::string& glob = entry.first;
      if (std::any_of(cover.begin(), cover.end(), [&](const std::string& other) { return covers(other, glob); }))
        continue;
      std::erase_if(cover, [&](const std::string& other) { return covers(glob, other); });
      cover.insert(glob);
    }
    change.added.patterns = difference(cover, cover_);
    change.removed.patterns = difference(cover_, cover);
    cover_ = std::move(cover);
    for (const auto& [channel, n] : channels_) touched_.insert(channel);
  }
  for (const std::string& channel : touched_) {
    const bool wanted = channels_.contains(channel) && !covered(channel);
    if (wanted && subscribed_.insert(channel).second) change.added.channels.push_back(channel);
    if (!wanted && subscribed_.erase(channel)) change.removed.channels.push_back(channel);
  }
  touched_.clear();
  patterns_changed_ = false;
  return change;
}

Names Interests::all() const {
  return {{subscribed_.begin(), subscribed_.end()}, {cover_.begin(), cover_.end()}};
}

}  // namespace redis
