// SPDX-License-Identifier: Apache-2.0
#include "translation/key_overlap.hpp"

#include <algorithm>
#include <vector>

namespace dragoman::translation {
namespace {

std::vector<std::string_view> tokens_of(std::string_view key) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t dot = key.find('.');
    out.push_back(key.substr(0, dot));
    if (dot == key.npos) return out;
    key.remove_prefix(dot + 1);
  }
}

// A token that a template makes: text with gaps that stand for any text, or any number of tokens.
struct Made {
  std::vector<std::string> texts{1};
  bool many = false;
};

std::vector<Made> made_of(const Template& key) {
  std::vector<Made> out(1);
  for (const Template::Part& part : key.parts()) {
    if (part.placeholder) {
      if (part.placeholder->kind == Placeholder::Kind::key)
        out.back().many = true;
      else
        out.back().texts.emplace_back();
      continue;
    }
    for (const char c : part.text) {
      if (c == '.')
        out.emplace_back();
      else
        out.back().texts.back() += c;
    }
  }
  return out;
}

bool token_fits(const Made& made, std::string_view literal) {
  if (made.texts.size() == 1) return made.texts.front() == literal;
  const std::string &front = made.texts.front(), &back = made.texts.back();
  return literal.size() >= front.size() + back.size() && literal.starts_with(front) && literal.ends_with(back);
}

}  // namespace

bool is_pattern(std::string_view key) {
  const auto tokens = tokens_of(key);
  return std::any_of(tokens.begin(), tokens.end(), [](std::string_view token) { return token == "*" || token == "#"; });
}

std::size_t most_tokens(std::string_view pattern) {
  const auto tokens = tokens_of(pattern);
  return std::find(tokens.begin(), tokens.end(), "#") == tokens.end() ? tokens.size() : std::string::npos;
}

bool may_fit(const Template& key, std::string_view pattern) {
  const std::vector<Made> made = made_of(key);
  const auto wanted = tokens_of(pattern);
  // fits[j]: the tokens made so far can fit the first j of the pattern.
  std::vector<char> fits(wanted.size() + 1);
  const auto skip_many = [&](std::vector<char>& of) {
    for (std::size_t j = 0; j < wanted.size(); ++j)
      if (of[j] && wanted[j] == "#") of[j + 1] = 1;
  };
  fits[0] = 1;
  skip_many(fits);
  for (const Made& token : made) {
    std::vector<char> next(wanted.size() + 1);
    for (std::size_t j = 0; j <= wanted.size(); ++j) {
      if (!fits[j]) continue;
      if (token.many) {
        std::fill(next.begin() + static_cast<std::ptrdiff_t>(j), next.end(), 1);
        break;
      }
      if (j == wanted.size()) break;
      if (wanted[j] == "#") next[j] = 1;
      if (wanted[j] == "#" || wanted[j] == "*" || token_fits(token, wanted[j])) next[j + 1] = 1;
    }
    skip_many(next);
    fits = std::move(next);
  }
  return fits.back();
}

}  // namespace dragoman::translation
