// SPDX-License-Identifier: Apache-2.0
#include "filter.hpp"

#include <algorithm>

namespace mqtt {
namespace {

class Levels {
 public:
  explicit Levels(std::string_view filter) : rest_(filter) {}
  bool done() const { return done_; }
  // Of what is left.
  std::string_view rest() const { return rest_; }
  std::string_view level() const { return rest_.substr(0, rest_.find('/')); }
  void next() {
    const std::size_t slash = rest_.find('/');
    done_ = slash == std::string_view::npos;
    rest_ = done_ ? std::string_view() : rest_.substr(slash + 1);
  }

 private:
  std::string_view rest_;
  bool done_ = false;
};

bool is_wildcard(std::string_view level) {
  return level == "+" || level == "#";
}

// Topics that begin with '$' are not matched by a wildcard there.
bool hidden(std::string_view wildcard, std::string_view other) {
  return is_wildcard(Levels(wildcard).level()) && other.starts_with('$');
}

void append(std::string& filter, std::string_view level, bool first) {
  if (!first) filter += '/';
  filter += level;
}

}  // namespace

bool has_wildcard(std::string_view filter) {
  return filter.find_first_of("+#") != std::string_view::npos;
}

bool covers(std::string_view a, std::string_view b) {
  if (hidden(a, b)) return false;
  for (Levels x(a), y(b);; x.next(), y.next()) {
    if (!x.done() && x.level() == "#") return true;
    if (x.done() || y.done()) return x.done() && y.done();
    if (y.level() == "#" || (x.level() != "+" && x.level() != y.level())) return false;
  }
}

bool overlap(std::string_view a, std::string_view b) {
  if (hidden(a, b) || hidden(b, a)) return false;
  for (Levels x(a), y(b);; x.next(), y.next()) {
    if ((!x.done() && x.level() == "#") || (!y.done() && y.level() == "#")) return true;
    if (x.done() || y.done()) return x.done() && y.done();
    if (x.level() != "+" && y.level() != "+" && x.level() != y.level()) return false;
  }
}

std::optional<std::string> intersection(std::string_view a, std::string_view b) {
  if (!overlap(a, b)) return std::nullopt;
  std::string both;
  for (Levels x(a), y(b); !x.done() || !y.done(); x.next(), y.next()) {
    const bool first = x.rest().data() == a.data();
    if (x.done() || y.done()) break;  // "a" and "a/#"
    if (x.level() == "#" || y.level() == "#") {
      append(both, x.level() == "#" ? y.rest() : x.rest(), first);
      break;
    }
    append(both, x.level() == "+" ? y.level() : x.level(), first);
  }
  // "+" and "/#" have the empty topic in common, which there is not.
  if (both.empty()) return std::nullopt;
  return both;
}

std::string join(std::string_view a, std::string_view b) {
  std::string all;
  for (Levels x(a), y(b); !x.done() || !y.done(); x.next(), y.next()) {
    const bool first = all.empty() && x.rest().data() == a.data();
    if (x.done() || y.done() || x.level() == "#" || y.level() == "#") {
      append(all, "#", first);
      break;
    }
    append(all, x.level() == y.level() ? x.level() : "+", first);
  }
  return all;
}

std::vector<std::string> apart(const std::vector<std::string>& filters) {
  std::vector<std::string> out;
  for (std::string filter : filters) {
    for (std::size_t i = 0; i < out.size();) {
      if (!overlap(filter, out[i])) {
        ++i;
        continue;
      }
      filter = join(filter, out[i]);
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
      i = 0;  // the wider one may overlap what the narrower did not
    }
    out.push_back(std::move(filter));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace mqtt
