// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"

#include <algorithm>
#include <numeric>

namespace dragoman::config {
namespace {

constexpr std::size_t longest_word = 64;
constexpr std::size_t most_words = 24;

// Insertions, deletions, substitutions and swaps of neighbours, each 1.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  if (word.size() <= longest_word) {
    for (const std::string& candidate : known) {
      if (candidate.size() > longest_word) continue;
      // A third of the letters may be wrong; more and the guess only confuses. A word cut short or drawn out is a good
      // guess too.
      const std::size_t far = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
      const std::size_t common = std::min(word.size(), candidate.size());
      const bool begins = common >= 3 && candidate.compare(0, common, word.substr(0, common)) == 0;
      const std::size_t d = begins ? std::min(far, distance(word, candidate)) : distance(word, candidate);
      if (d > far) continue;
      if (!best || d < best_distance) {
        best = &candidate;
        best_distance = d;
      }
    }
  }
  if (best) return "; did you mean \"" + *best + "\"?";
  if (known.empty() || known.size() > most_words) return {};
  if (known.size() == 1) return "; expected \"" + known.front() + "\"";
  std::string out = "; expected one of ";
  for (std::size_t i = 0; i < known.size(); ++i) out += (i ? ", " : "") + known[i];
  return out;
}

}  // namespace dragoman::config
