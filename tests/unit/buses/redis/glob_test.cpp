// SPDX-License-Identifier: Apache-2.0
#include "glob.hpp"

#include <gmock/gmock.h>

#include <random>
#include <vector>

namespace redis {
namespace {

using Tokens = std::vector<std::string>;

Tokens split(std::string_view key) {
  Tokens out(1);
  for (const char c : key) {
    if (c == '.')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

// What a key pattern means: '*' one token, '#' any number.
bool matches(const Tokens& pattern, const Tokens& key, std::size_t p = 0, std::size_t k = 0) {
  if (p == pattern.size()) return k == key.size();
  if (pattern[p] == "#") {
    for (std::size_t next = k; next <= key.size(); ++next)
      if (matches(pattern, key, p + 1, next)) return true;
    return false;
  }
  return k < key.size() && (pattern[p] == "*" || pattern[p] == key[k]) && matches(pattern, key, p + 1, k + 1);
}

// What a pattern means to the server.
bool server_matches(std::string_view glob, std::string_view text) {
  if (glob.empty()) return text.empty();
  if (glob[0] == '*') {
    for (std::size_t n = 0; n <= text.size(); ++n)
      if (server_matches(glob.substr(1), text.substr(n))) return true;
    return false;
  }
  const bool escaped = glob[0] == '\\' && glob.size() > 1;
  EXPECT_TRUE(escaped || (glob[0] != '?' && glob[0] != '[')) << glob;
  return !text.empty() && text[0] == glob[escaped ? 1 : 0] &&
         server_matches(glob.substr(escaped ? 2 : 1), text.substr(1));
}

class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}
  std::string key(std::size_t tokens, bool pattern) {
    static constexpr const char* words[] = {"a", "b", "ab", "", "[a]", "\\", "a?", "**"};
    std::string out;
    for (std::size_t i = 0, n = 1 + random_() % tokens; i < n; ++i) {
      if (i > 0) out += '.';
      const auto kind = random_() % 8;
      out += pattern && kind < 2 ? "*" : pattern && kind < 4 ? "#" : words[random_() % std::size(words)];
    }
    return out;
  }

 private:
  std::minstd_rand random_;
};

TEST(RedisGlob, OfKeyPatterns) {
  EXPECT_EQ(glob_of("#"), "*");
  EXPECT_EQ(glob_of("a.b"), "a.b");
  EXPECT_EQ(glob_of("a.*.c"), "a.*.c");
  EXPECT_EQ(glob_of("a.#"), "a*");
  EXPECT_EQ(glob_of("#.a"), "*a");
  EXPECT_EQ(glob_of("a.#.b"), "a*.b");
  EXPECT_EQ(glob_of("#.#.*.#"), "*");
  EXPECT_EQ(glob_of("a[1].?\\.**"), "a\\[1\\].\\?\\\\.\\*\\*");
  EXPECT_EQ(glob_of("*.*.*.*.a.*.b"), "*.*.*.*") << "a bounded number of wildcards";
}

TEST(RedisGlob, FitsWhateverTheKeyPatternFits) {
  Random random(1);
  int both = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::string pattern = random.key(6, true), key = random.key(6, false), glob = glob_of(pattern);
    ASSERT_EQ(fits(glob, key), server_matches(glob, key)) << glob << " and " << key;
    if (!matches(split(pattern), split(key))) continue;
    ++both;
    ASSERT_TRUE(server_matches(glob, key)) << pattern << " as " << glob << " and " << key;
  }
  EXPECT_GT(both, 5000);
}

TEST(RedisGlob, LiteralsFitThemselvesAlone) {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    const std::string a = random.key(3, true), b = random.key(3, true);
    ASSERT_EQ(server_matches(literal_glob(a), b), a == b) << a << " and " << b;
  }
}

TEST(RedisGlob, CoveringAndOverlapping) {
  Random random(3);
  int covered = 0, apart = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string a = glob_of(random.key(4, true)), b = glob_of(random.key(4, true));
    const bool over = covers(a, b), meet = overlap(a, b);
    covered += over;
    apart += !meet;
    ASSERT_EQ(meet, overlap(b, a));
    ASSERT_TRUE(meet || !over) << a << " and " << b;
    for (int k = 0; k < 10; ++k) {
      const std::string key = random.key(5, false);
      if (!server_matches(b, key)) continue;
      const bool fits_a = server_matches(a, key);
      ASSERT_TRUE(fits_a || !over) << a << " over " << b << ": " << key;
      ASSERT_TRUE(meet || !fits_a) << a << " apart from " << b << ": " << key;
    }
  }
  EXPECT_GT(covered, 500);
  EXPECT_GT(apart, 500);
  EXPECT_TRUE(covers("*", "a*b"));
  EXPECT_TRUE(covers("a*", "a*b"));
  EXPECT_FALSE(covers("a*b", "a*"));
  EXPECT_FALSE(covers("\\*", "*"));
  EXPECT_TRUE(overlap("a*", "*b"));
  EXPECT_FALSE(overlap("a*", "b*"));
  EXPECT_FALSE(overlap("*a", "*b"));
}

}  // namespace
}  // namespace redis
