// SPDX-License-Identifier: Apache-2.0
// What is wanted, as the filters to subscribe: no two of them overlap. One thread at a time.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/filter.hpp"

namespace buses {

struct FilterChange {
  std::vector<std::string> subscribe, unsubscribe;
};

class FilterSet {
 public:
  // bounds: filters that nothing is subscribed outside of; none: no bound.
  FilterSet(const FilterForm& form, std::vector<std::string> bounds) : form_(form), bounds_(std::move(bounds)) {}

  // Takes effect with the next apply().
  void add(std::string_view filter) { count(filter, 1); }
  void remove(std::string_view filter) { count(filter, -1); }
  // What has changed since the last call.
  FilterChange apply();
  const std::set<std::string>& all() const { return subscribed_; }

 private:
  void count(std::string_view filter, int by);
  void count_bounded(std::string filter, int by);
  bool in_cover(std::string_view name) const;

  const FilterForm form_;
  const std::vector<std::string> bounds_;
  std::map<std::string, int> patterns_, names_;  // with and without wildcards; how often wanted
  std::vector<std::string> cover_;               // of the patterns
  std::set<std::string> subscribed_;
  std::set<std::string> touched_;  // names since the last apply()
  bool patterns_changed_ = false;
};

}  // namespace buses
