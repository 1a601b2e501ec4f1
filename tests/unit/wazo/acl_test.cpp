// SPDX-License-Identifier: Apache-2.0
// wazo digest section 7 and statement 34.
#include "acl.hpp"

#include <gtest/gtest.h>

namespace wazo {
namespace {

struct Row {
  std::vector<std::string_view> entries;
  const char* required;
  bool allowed;
};

TEST(WazoAcl, TruthTable) {
  const std::string user = "u-1", session = "s-1";
  for (const auto& row : std::vector<Row>{{{"foo.bar"}, "foo.bar", true},
                                          {{"foo.bar"}, "foo.bar.x", false},
                                          {{"foo.*"}, "foo.bar", true},
                                          {{"foo.*"}, "foo.", true},
                                          {{"foo.*"}, "foo", false},
                                          {{"foo.*"}, "foo.a.b", false},
                                          {{"foo.*"}, "foo.*", true},
                                          {{"foo.*"}, "foo.#", false},
                                          {{"foo*"}, "foobar", true},
                                          {{"f*o"}, "fo", true},
                                          {{"*"}, "a", true},
                                          {{"*"}, "", true},
                                          {{"*"}, "a.b", false},
                                          {{"#"}, "anything", true},
                                          {{"#"}, "", true},
                                          {{"foo.#"}, "foo", false},
                                          {{"foo.#"}, "foo.", true},
                                          {{"foo.#"}, "foo.a.b", true},
                                          {{"a.#.z"}, "a.z", false},
                                          {{"a.#.z"}, "a.b.c.z", true},
                                          {{"#.bar"}, "bar", false},
                                          {{"#.bar"}, "foo.x.bar", true},
                                          {{"foo.me"}, "foo.u-1", true},
                                          {{"foo.me"}, "foo.me", true},
                                          {{"foo.me"}, "foo.u-2", false},
                                          {{"foo.#.me"}, "foo.a.b.u-1", true},
                                          {{"foo.xme"}, "foo.xu-1", false},
                                          {{"foo.my_session"}, "foo.s-1", true},
                                          {{"foo.my_session"}, "foo.my_session", true},
                                          {{"foo.edit"}, "foo.update", true},
                                          {{"foo.edit"}, "foo.edit", true},
                                          {{"foo.update"}, "foo.edit", false},
                                          {{"foo.#", "!foo.me.#"}, "foo.u-1.x", false},
                                          {{"foo.#", "!foo.me.#"}, "foo.u-2.x", true},
                                          {{"!foo", "foo"}, "foo", false},
                                          {{"foo", "!foo"}, "foo", false},
                                          {{"#"}, "!foo", true},
                                          {{"FOO"}, "foo", false},
                                          {{""}, "", true},
                                          {{"me"}, "u-1", true},
                                          {{"a+b?[c]"}, "a+b?[c]", true},
                                          {{"a."}, "a.", true},
                                          {{"#"}, "a\nb", false},
                                          {{"foo"}, "foo\n", false},
                                          {{}, "foo", false},
                                          {{"!"}, "", false},
                                          {{"!!foo", "#"}, "!foo", false}})
    EXPECT_EQ(Acl(row.entries, user, session).allows(row.required), row.allowed)
        << (row.entries.empty() ? "(none)" : row.entries[0]) << " against " << row.required;
}

TEST(WazoAcl, WithoutUserOrSessionTheWordsAreOnlyThemselves) {
  EXPECT_FALSE(Acl({"foo.me"}, "", "").allows("foo."));
  EXPECT_TRUE(Acl({"foo.me"}, "", "").allows("foo.me"));
}

TEST(WazoAcl, AUserIdWithWildcardsOpensNothing) {
  EXPECT_FALSE(Acl({"foo.me"}, "#", "").allows("foo.other"));
  EXPECT_TRUE(Acl({"foo.me"}, "#", "").allows("foo.#"));
  EXPECT_TRUE(Acl({"foo.me.x"}, "a.b", "").allows("foo.a.b.x")) << "an id is text, dots included";
}

TEST(WazoAcl, HostilePatternsCostNoMoreThanTheirLength) {
  std::string pattern, text(2000, 'a');
  for (int i = 0; i < 200; ++i) pattern += "#a*";
  EXPECT_FALSE(Acl({pattern + "b"}, "", "").allows(text));
}

}  // namespace
}  // namespace wazo
