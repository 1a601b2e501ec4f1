// SPDX-License-Identifier: Apache-2.0
#include "acl.hpp"

#include <algorithm>

namespace wazo {
namespace {

std::vector<std::string> alternatives(std::string_view segment, std::string_view user, std::string_view session) {
  std::vector<std::string> out{std::string(segment)};
  if (segment == "me" && !user.empty()) out.emplace_back(user);
  if (segment == "my_session" && !session.empty()) out.emplace_back(session);
  if (segment == "edit") out.emplace_back("update");
  return out;
}

}  // namespace

Acl::Acl(const std::vector<std::string_view>& entries, std::string_view user, std::string_view session) {
  for (std::string_view entry : entries) {
    const bool negative = entry.starts_with('!');
    if (negative) entry.remove_prefix(1);
    std::vector<std::vector<std::string>> segments;
    for (std::size_t from = 0;;) {
      const std::size_t dot = std::min(entry.find('.', from), entry.size());
      segments.push_back(alternatives(entry.substr(from, dot - from), user, session));
      if (dot == entry.size()) break;
      from = dot + 1;
    }
    (negative ? negative_ : positive_).emplace_back(std::move(segments));
  }
}

bool Acl::allows(std::string_view required) const {
  const auto match = [&](const Pattern& p) { return p.matches(required); };
  return std::none_of(negative_.begin(), negative_.end(), match) &&
         std::any_of(positive_.begin(), positive_.end(), match);
}

Acl::Pattern::Pattern(std::vector<std::vector<std::string>> alternatives) : segments(std::move(alternatives)) {
  for (std::size_t s = 0; s < segments.size(); ++s) {
    if (s) prefix += '.';
    const std::string& only = segments[s].front();
    const std::size_t wildcard = segments[s].size() == 1 ? only.find_first_of("*#") : 0;
    prefix += only.substr(0, wildcard);
    if (wildcard == std::string::npos) continue;
    const bool last = s + 1 == segments.size() && wildcard + 1 == only.size();
    rest = last && only.back() == '#' ? Rest::anything : Rest::pattern;
    return;
  }
}

// The set of positions in `text` that the pattern so far can end at, moved on piece by piece: linear in pattern times
// text, whatever wildcards a token holds.
bool Acl::Pattern::matches(std::string_view text) const {
  // Most entries of a token have nothing to do with an event.
  if (!text.starts_with(prefix)) return false;
  if (rest == Rest::none) return text.size() == prefix.size();
  if (rest == Rest::anything) return text.find('\n', prefix.size()) == text.npos;
  const std::size_t n = text.size();
  std::vector<char> now(n + 1, 0), at(n + 1), segment_end(n + 1);
  now[0] = 1;
  const auto literal = [&](char c, std::vector<char>& positions) {
    for (std::size_t i = n; i > 0; --i) positions[i] = positions[i - 1] && text[i - 1] == c ? 1 : 0;
    positions[0] = 0;
  };
  for (std::size_t s = 0; s < segments.size(); ++s) {
    if (s) literal('.', now);
    std::fill(segment_end.begin(), segment_end.end(), 0);
    for (std::size_t a = 0; a < segments[s].size(); ++a) {
      at = now;
      for (const char c : segments[s][a]) {
        // What was put in for "me" and its like is plain text, whatever it holds.
        if (a == 0 && (c == '*' || c == '#')) {
          for (std::size_t i = 0; i < n; ++i)
            if (at[i] && text[i] != '\n' && (c == '#' || (text[i] != '.' && text[i] != '#'))) at[i + 1] = 1;
        } else {
          literal(c, at);
        }
      }
      for (std::size_t i = 0; i <= n; ++i) segment_end[i] = segment_end[i] || at[i] ? 1 : 0;
    }
    now = segment_end;
  }
  return now[n];
}

}  // namespace wazo
