// SPDX-License-Identifier: Apache-2.0
// What is wanted, as what to subscribe: none of it is covered by another pattern. One thread at a time.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace redis {

struct Names {
  std::vector<std::string> channels, patterns;
};
struct Change {
  Names added, removed;
};

class Interests {
 public:
  // prefix: of every channel. bounds: key patterns that nothing is subscribed outside of; none: no bound.
  Interests(std::string_view prefix, const std::vector<std::string>& bounds);

  // Wishes; they take effect with the next apply().
  void add(std::string_view key, bool literal) { count(key, literal, 1); }
  void remove(std::string_view key, bool literal) { count(key, literal, -1); }
  // What has changed since the last call.
  Change apply();
  Names all() const;

 private:
  using Counts = std::map<std::string, int>;
  void count(std::string_view key, bool literal, int by);
  void count_pattern(const std::string& glob, int by);
  bool covered(const std::string& channel) const;
  void update_cover();

  const std::string prefix_;
  std::vector<std::string> bounds_;
  Counts channels_, patterns_;                        // how often wanted
  std::set<std::string> cover_;                       // those patterns that no other covers
  std::set<std::string> subscribed_;                  // channels
  std::set<std::string> touched_, touched_patterns_;  // since the last apply()
};

}  // namespace redis
