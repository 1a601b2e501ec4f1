// SPDX-License-Identifier: Apache-2.0
#include "common/filter_set.hpp"

#include <algorithm>

namespace buses {

void FilterSet::count(std::string_view filter, int by) {
  if (bounds_.empty()) return count_bounded(std::string(filter), by);
  for (const std::string& bound : bounds_)
    if (auto both = form_.intersection(filter, bound)) count_bounded(std::move(*both), by);
}

void FilterSet::count_bounded(std::string filter, int by) {
  const bool pattern = form_.has_wildcard(filter);
  auto& counts = pattern ? patterns_ : names_;
  const auto at = counts.try_emplace(filter, 0).first;
  const bool before = at->second > 0;
  at->second += by;
  if (before != (at->second > 0)) {
    if (pattern)
      patterns_changed_ = true;
    else
      touched_.insert(std::move(filter));
  }
  if (at->second == 0) counts.erase(at);
}

bool FilterSet::in_cover(std::string_view name) const {
  return std::any_of(cover_.begin(), cover_.end(),
                     [&](const std::string& filter) { return form_.covers(filter, name); });
}

FilterChange FilterSet::apply() {
  FilterChange change;
  if (!patterns_changed_) {
    for (const std::string& name : touched_) {
      const bool wanted = names_.contains(name) && !in_cover(name);
      if (wanted && subscribed_.insert(name).second) change.subscribe.push_back(name);
      if (!wanted && subscribed_.erase(name)) change.unsubscribe.push_back(name);
    }
  } else {
    std::vector<std::string> patterns;
    for (const auto& [pattern, n] : patterns_) patterns.push_back(pattern);
    cover_ = form_.apart(patterns);
    std::set<std::string> now(cover_.begin(), cover_.end());
    for (const auto& [name, n] : names_)
      if (!in_cover(name)) now.insert(name);
    std::set_difference(now.begin(), now.end(), subscribed_.begin(), subscribed_.end(),
                        std::back_inserter(change.subscribe));
    std::set_difference(subscribed_.begin(), subscribed_.end(), now.begin(), now.end(),
                        std::back_inserter(change.unsubscribe));
    subscribed_ = std::move(now);
  }
  touched_.clear();
  patterns_changed_ = false;
  return change;
}

}  // namespace buses
