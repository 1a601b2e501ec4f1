// SPDX-License-Identifier: Apache-2.0
#include "hub/key_tree.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace dragoman::hub {
namespace {

using Tokens = std::vector<std::string>;

Tokens split(const std::string& text) {
  Tokens out(1);
  for (const char c : text)
    if (c == '.')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

// The definition, slow and plain: what the tree must agree with.
bool matches(const Tokens& pattern, std::size_t p, const Tokens& key, std::size_t k) {
  if (p == pattern.size()) return k == key.size();
  if (pattern[p] == "#") {
    for (std::size_t n = k; n <= key.size(); ++n)
      if (matches(pattern, p + 1, key, n)) return true;
    return false;
  }
  return k < key.size() && (pattern[p] == "*" || pattern[p] == key[k]) && matches(pattern, p + 1, key, k + 1);
}

std::set<std::string> found(KeyTree<std::string>& tree, const std::string& key) {
  std::set<std::string> out;
  tree.match(key, [&](std::string& value) { EXPECT_TRUE(out.insert(value).second) << value << " twice for " << key; });
  return out;
}

TEST(KeyTree, TableOfPatterns) {
  struct Row {
    const char *pattern, *key;
    bool match;
  };
  for (const auto& [pattern, key, match] : std::initializer_list<Row>{
           {"a.b", "a.b", true},    {"a.b", "a.b.c", false}, {"*", "a", true},       {"*", "a.b", false},
           {"#", "", true},         {"#", "a.b.c", true},    {"a.#", "a", true},     {"a.#", "a.b.c", true},
           {"#.c", "c", true},      {"#.c", "a.b.c", true},  {"#.c", "a.b", false},  {"a.*.c", "a.b.c", true},
           {"a.*.c", "a..c", true}, {"a.*.c", "a.c", false}, {"a.#.c", "a.c", true}, {"a.#.#.c", "a.x.c", true},
           {"a.b", "a.*", false},   {"a.#", "a.#", true},    {"", "", true},         {"", "a", false},
           {"#.#", "", true},       {"*.#.*", "a", false},   {"*.#.*", "a.b", true}}) {
    KeyTree<std::string> tree;
    tree.insert(pattern) = pattern;
    EXPECT_EQ(found(tree, key).size(), match ? 1u : 0u) << pattern << " against " << key;
  }
}

TEST(KeyTree, AgreesWithTheDefinitionOnRandomPatterns) {
  std::mt19937 random(42);
  const auto word = [&](bool wild) {
    static const char* const words[] = {"a", "b", "", "#", "*"};
    std::string text;
    for (unsigned n = random() % 5, i = 0; i <= n; ++i)
      text += (i ? "." : "") + std::string(words[random() % (wild ? 5 : 3)]);
    return text;
  };
  KeyTree<std::string> tree;
  std::set<std::string> patterns;
  for (int round = 0; round < 2000; ++round) {
    const std::string pattern = word(true);
    // "#.#" means "#": the tree keeps one value for both spellings, so this test keeps to the short one.
    if (pattern.find("#.#") == std::string::npos) {
      if (random() % 3) {
        tree.insert(pattern) = pattern;
        patterns.insert(pattern);
      } else if (patterns.erase(pattern)) {
        tree.erase(pattern);
      }
    }
    const std::string key = word(false);
    std::set<std::string> expected;
    for (const auto& p : patterns)
      if (matches(split(p), 0, split(key), 0)) expected.insert(p);
    ASSERT_EQ(found(tree, key), expected) << key;
  }
  for (const auto& p : patterns) tree.erase(p);
  EXPECT_TRUE(tree.empty());
}

TEST(KeyTree, HostilePatternsCostNoMoreThanTheirLength) {
  KeyTree<std::string> tree;
  std::string pattern = "#", key = "a";
  for (int i = 0; i < 60; ++i) {
    pattern += ".a.#";
    key += ".a.a";
  }
  tree.insert(pattern + ".b") = "never";
  // Backtracking would not end within the age of the universe.
  EXPECT_TRUE(found(tree, key).empty());
}

}  // namespace
}  // namespace dragoman::hub
