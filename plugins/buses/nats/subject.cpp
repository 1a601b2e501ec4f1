// SPDX-License-Identifier: Apache-2.0
#include "subject.hpp"

#include "common/text.hpp"

namespace nats {
namespace {

// A server ends the connection for the sake of a line of more than 4096 bytes, of which this is one part.
constexpr std::size_t subject_limit = 2048;

bool is_token(std::string_view token) {
  return !token.empty() && token != "*" && token != ">" && token != "#" && token.find(' ') == std::string_view::npos;
}

// each(token, last): whether it is good.
template <class Each>
bool all_tokens(std::string_view subject, Each&& each) {
  if (subject.size() > subject_limit || !buses::is_text(subject)) return false;
  for (;;) {
    const std::size_t end = subject.find('.');
    if (!each(subject.substr(0, end), end == std::string_view::npos)) return false;
    if (end == std::string_view::npos) return true;
    subject.remove_prefix(end + 1);
  }
}

void append(std::string& filter, std::string_view token) {
  if (!filter.empty()) filter += '.';
  filter += token;
}

}  // namespace

bool is_internal(std::string_view subject) {
  return subject.starts_with('$') || subject == "_INBOX" || subject.starts_with("_INBOX.");
}

bool is_subject(std::string_view key) {
  return all_tokens(key, [](std::string_view token, bool) { return is_token(token); });
}

std::optional<std::string> filter_of(std::string_view key, bool literal) {
  std::string filter;
  bool open = false;  // '#' has come
  const bool good = all_tokens(key, [&](std::string_view token, bool) {
    const bool wildcard = !literal && (token == "*" || token == "#");
    if (!wildcard && !is_token(token)) return false;
    if (!open) append(filter, token);
    open |= wildcard && token == "#";
    return true;
  });
  return good ? std::optional(filter) : std::nullopt;
}

std::optional<std::string> filter_of_subject(std::string_view subject) {
  std::string filter;
  const bool good = all_tokens(subject, [&](std::string_view token, bool last) {
    if (token == ">" && last)
      append(filter, "*.#");
    else if (token == "*" || is_token(token))
      append(filter, token);
    else
      return false;
    return true;
  });
  return good ? std::optional(filter) : std::nullopt;
}

std::vector<std::string> subjects_of(const std::string& filter) {
  const std::string_view all = filter;
  if (all == "#" || all == "*.#") return {">"};
  if (all.ends_with(".*.#")) return {std::string(all.substr(0, all.size() - 3)) + '>'};
  if (!all.ends_with(".#")) return {filter};
  const std::string before(all.substr(0, all.size() - 2));
  return {before, before + ".>"};
}

}  // namespace nats
