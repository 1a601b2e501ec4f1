// SPDX-License-Identifier: Apache-2.0
#include "common/filter.hpp"

#include <algorithm>

namespace buses {
namespace {

class Levels {
 public:
  Levels(std::string_view filter, const FilterForm& form) : rest_(filter), form_(form) {}
  bool done() const { return done_; }
  // Of what is left.
  std::string_view rest() const { return rest_; }
  std::string_view level() const { return form_.first_level(rest_); }
  bool any() const { return level() == std::string_view(&form_.one, 1); }
  bool rest_is_any() const { return level() == "#"; }
  void next() {
    const std::size_t end = rest_.find(form_.separator);
    done_ = end == std::string_view::npos;
    rest_ = done_ ? std::string_view() : rest_.substr(end + 1);
  }

 private:
  std::string_view rest_;
  const FilterForm& form_;
  bool done_ = false;
};

bool apart_by_hiding(const FilterForm& form, std::string_view wildcard, std::string_view other) {
  return form.is_wildcard(form.first_level(wildcard)) && form.hidden(other);
}

void append(std::string& filter, char separator, std::string_view level, bool first) {
  if (!first) filter += separator;
  filter += level;
}

}  // namespace

bool FilterForm::has_wildcard(std::string_view filter) const {
  for (Levels at(filter, *this); !at.done(); at.next())
    if (is_wildcard(at.level())) return true;
  return false;
}

bool FilterForm::covers(std::string_view a, std::string_view b) const {
  if (apart_by_hiding(*this, a, b)) return false;
  for (Levels x(a, *this), y(b, *this);; x.next(), y.next()) {
    if (!x.done() && x.rest_is_any()) return true;
    if (x.done() || y.done()) return x.done() && y.done();
    if (y.rest_is_any() || (!x.any() && x.level() != y.level())) return false;
  }
}

bool FilterForm::overlap(std::string_view a, std::string_view b) const {
  if (apart_by_hiding(*this, a, b) || apart_by_hiding(*this, b, a)) return false;
  for (Levels x(a, *this), y(b, *this);; x.next(), y.next()) {
    if ((!x.done() && x.rest_is_any()) || (!y.done() && y.rest_is_any())) return true;
    if (x.done() || y.done()) return x.done() && y.done();
    if (!x.any() && !y.any() && x.level() != y.level()) return false;
  }
}

std::optional<std::string> FilterForm::intersection(std::string_view a, std::string_view b) const {
  if (!overlap(a, b)) return std::nullopt;
  std::string both;
  for (Levels x(a, *this), y(b, *this); !x.done() || !y.done(); x.next(), y.next()) {
    const bool first = x.rest().data() == a.data();
    if (x.done() || y.done()) break;  // "a" and "a/#"
    if (x.rest_is_any() || y.rest_is_any()) {
      append(both, separator, x.rest_is_any() ? y.rest() : x.rest(), first);
      break;
    }
    append(both, separator, x.any() ? y.level() : x.level(), first);
  }
  // "+" and "/#" of MQTT have the empty name in common, which there is not.
  if (both.empty()) return std::nullopt;
  return both;
}

std::string FilterForm::join(std::string_view a, std::string_view b) const {
  std::string all;
  for (Levels x(a, *this), y(b, *this); !x.done() || !y.done(); x.next(), y.next()) {
    const bool first = all.empty() && x.rest().data() == a.data();
    if (x.done() || y.done() || x.rest_is_any() || y.rest_is_any()) {
      append(all, separator, "#", first);
      break;
    }
    append(all, separator, x.level() == y.level() ? x.level() : std::string_view(&one, 1), first);
  }
  return all;
}

std::vector<std::string> FilterForm::apart(const std::vector<std::string>& filters) const {
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

}  // namespace buses
