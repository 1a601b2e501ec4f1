// SPDX-License-Identifier: Apache-2.0
#include "glob.hpp"

#include <algorithm>
#include <optional>

namespace redis {
namespace {

constexpr int most_wildcards = 4;

// One place of a pattern; of a text each byte is one.
struct Symbol {
  bool wildcard;
  char byte;
  bool operator==(const Symbol&) const = default;
};

class Glob {
 public:
  explicit Glob(std::string_view text) : text_(text) {}
  bool at_end(std::size_t at) const { return at == text_.size(); }
  Symbol symbol(std::size_t at) const {
    if (text_[at] == '\\' && at + 1 < text_.size()) return {false, text_[at + 1]};
    return {text_[at] == '*', text_[at]};
  }
  std::size_t next(std::size_t at) const { return at + (text_[at] == '\\' && at + 1 < text_.size() ? 2 : 1); }

 private:
  std::string_view text_;
};

class Text {
 public:
  explicit Text(std::string_view text) : text_(text) {}
  bool at_end(std::size_t at) const { return at == text_.size(); }
  Symbol symbol(std::size_t at) const { return {false, text_[at]}; }
  std::size_t next(std::size_t at) const { return at + 1; }

 private:
  std::string_view text_;
};

// Whether all of `other` is in `glob`; a wildcard of `other` only by way of one of `glob`.
template <class Other>
bool takes(const Glob& glob, const Other& other) {
  std::size_t g = 0, o = 0;
  std::optional<std::size_t> after_star, resume;
  while (!other.at_end(o)) {
    if (!glob.at_end(g) && glob.symbol(g).wildcard) {
      g = glob.next(g);
      after_star = g;
      resume = o;
    } else if (!glob.at_end(g) && glob.symbol(g) == other.symbol(o)) {
      g = glob.next(g);
      o = other.next(o);
    } else if (after_star) {
      g = *after_star;
      resume = o = other.next(*resume);
    } else {
      return false;
    }
  }
  while (!glob.at_end(g) && glob.symbol(g).wildcard) g = glob.next(g);
  return glob.at_end(g);
}

// What stands before the first and after the last wildcard. Without one: all of it as the beginning.
struct Ends {
  std::string head, tail;
  bool wildcard = false;
  explicit Ends(std::string_view text) {
    const Glob glob(text);
    for (std::size_t at = 0; !glob.at_end(at); at = glob.next(at)) {
      const Symbol symbol = glob.symbol(at);
      if (symbol.wildcard) {
        wildcard = true;
        tail.clear();
      } else {
        (wildcard ? tail : head) += symbol.byte;
      }
    }
  }
};

}  // namespace

std::string literal_glob(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string glob_of(std::string_view pattern) {
  std::string out;
  int wildcards = 0;
  // out ends with a wildcard; a dot is due before the next token; there was no token but '#' yet.
  bool star = false, dot = false, leading = true;
  const auto wildcard = [&] {
    if (!star) ++wildcards, out += '*';
    star = true;
  };
  for (std::size_t from = 0; wildcards < most_wildcards;) {
    const std::size_t end = std::min(pattern.find('.', from), pattern.size());
    const std::string_view token = pattern.substr(from, end - from);
    if (token == "#") {
      // It may stand for no token, and then there is no dot on one of its sides.
      wildcard();
      dot = !leading;
    } else {
      if (dot || !token.empty()) star = star && !dot && token == "*";
      if (dot) out += '.';
      if (token == "*")
        wildcard();
      else
        out += literal_glob(token);
      leading = false;
      dot = true;
    }
    if (end == pattern.size()) break;
    from = end + 1;
  }
  return out;
}

bool fits(std::string_view glob, std::string_view text) {
  return takes(Glob(glob), Text(text));
}

bool covers(std::string_view a, std::string_view b) {
  return takes(Glob(a), Glob(b));
}

bool overlap(std::string_view a, std::string_view b) {
  const Ends x(a), y(b);
  if (!x.wildcard) return fits(b, x.head);
  if (!y.wildcard) return fits(a, y.head);
  // Two wildcards can take what lies between the ends, whatever it is.
  const auto begin = std::min(x.head.size(), y.head.size()), end = std::min(x.tail.size(), y.tail.size());
  return x.head.compare(0, begin, y.head, 0, begin) == 0 &&
         x.tail.compare(x.tail.size() - end, end, y.tail, y.tail.size() - end, end) == 0;
}

}  // namespace redis
