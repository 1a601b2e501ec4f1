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
  if (counted(patterns_, glob, by)) touched_patterns_.insert(glob);
}

bool Interests::covered(const std::string& channel) const {
  return std::any_of(cover_.begin(), cover_.end(), [&](const std::string& glob) { return fits(glob, channel); });
}

void Interests::update_cover() {
  bool gone = false;
  for (const std::string& glob : touched_patterns_) gone |= !patterns_.contains(glob) && cover_.erase(glob) > 0;
  // What a pattern has covered may come forward in its place.
  if (gone)
    for (const auto& entry : patterns_) touched_patterns_.insert(entry.first);
  for (const std::string& glob : touched_patterns_) {
    if (!patterns_.contains(glob) || cover_.contains(glob)) continue;
    if (std::any_of(cover_.begin(), cover_.end(), [&](const std::string& other) { return covers(other, glob); }))
      continue;
    std::erase_if(cover_, [&](const std::string& other) { return covers(glob, other); });
    cover_.insert(glob);
  }
  touched_patterns_.clear();
}

Change Interests::apply() {
  Change change;
  if (!touched_patterns_.empty()) {
    const std::set<std::string> before = cover_;
    update_cover();
    change.added.patterns = difference(cover_, before);
    change.removed.patterns = difference(before, cover_);
    for (const auto& entry : channels_) {
      const auto fits_it = [&](const std::string& glob) { return fits(glob, entry.first); };
      for (const auto* changed : {&change.added.patterns, &change.removed.patterns})
        if (std::any_of(changed->begin(), changed->end(), fits_it)) touched_.insert(entry.first);
    }
  }
  for (const std::string& channel : touched_) {
    const bool wanted = channels_.contains(channel) && !covered(channel);
    if (wanted && subscribed_.insert(channel).second) change.added.channels.push_back(channel);
    if (!wanted && subscribed_.erase(channel)) change.removed.channels.push_back(channel);
  }
  touched_.clear();
  return change;
}

Names Interests::all() const {
  return {{subscribed_.begin(), subscribed_.end()}, {cover_.begin(), cover_.end()}};
}

}  // namespace redis
