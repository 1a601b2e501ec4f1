// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <algorithm>
#include <numeric>

#include "common/json_items.hpp"

namespace honeytrap {
namespace {

// By sorting: a hash of hostile keys could be made slow.
void unite(std::vector<Member>& members) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto same = [&](std::size_t a, std::size_t b) { return members[a].key == members[b].key; };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int c = members[a].key.compare(members[b].key);
    return c != 0 ? c < 0 : a < b;
  });
  for (std::size_t i = 0, run = 0; i < order.size(); ++i) {
    if (i == 0 || !same(order[i], order[i - 1])) {
      run = i;
      continue;
    }
    members[order[run]].value = members[order[i]].value;
    members[order[i]].value = {};
  }
  // A value is never empty, so this is the mark of a repetition.
  std::erase_if(members, [](const Member& member) { return member.value.empty(); });
}

}  // namespace

void append_compact(std::string& out, std::string_view s) {
  out.reserve(out.size() + s.size());
  for (std::size_t at = 0; at < s.size();) {
    if (s[at] == '"') {
      const std::size_t end = std::min(dialects::string_end(s, at), s.size());
      out.append(s.substr(at, end - at));
      at = end;
      continue;
    }
    const char c = s[at++];
    if (dialects::json_blank(c)) continue;
    if ((c == '}' || c == ']') && !out.empty() && out.back() == ',') out.pop_back();
    out += c;
  }
}

std::optional<std::vector<Member>> read_members(std::string_view object) {
  if (!object.starts_with('{')) return std::nullopt;
  std::vector<Member> members;
  dialects::Items items(object);
  while (items.next()) members.push_back({std::string(items.key()), items.value()});
  if (!items.whole()) return std::nullopt;
  unite(members);
  return members;
}

std::optional<std::vector<std::string_view>> read_elements(std::string_view array) {
  if (!array.starts_with('[')) return std::nullopt;
  std::vector<std::string_view> elements;
  dialects::Items items(array);
  while (items.next()) elements.push_back(items.value());
  if (!items.whole()) return std::nullopt;
  return elements;
}

}  // namespace honeytrap
