// SPDX-License-Identifier: Apache-2.0
#include "account_tree.hpp"

#include <gtest/gtest.h>

namespace kazoo {
namespace {

TEST(KazooAccountTree, WithinIsTheAccountAndWhatIsBelow) {
  AccountTree tree;
  tree.add("root", "", "");
  tree.add("parent", "root", "");
  tree.add("child", "parent", "child.example");
  tree.add("other", "root", "");
  EXPECT_TRUE(tree.within("child", "child"));
  EXPECT_TRUE(tree.within("child", "parent"));
  EXPECT_TRUE(tree.within("child", "root"));
  EXPECT_FALSE(tree.within("parent", "child"));
  EXPECT_FALSE(tree.within("child", "other"));
  EXPECT_FALSE(tree.within("stranger", "root"));
  EXPECT_FALSE(tree.within("child", ""));
  EXPECT_TRUE(tree.within("stranger", "stranger"));
  EXPECT_EQ(tree.realm("child"), "child.example");
  EXPECT_EQ(tree.realm("stranger"), "");
}

TEST(KazooAccountTree, ParentsOutsideOfTheTreeCount) {
  AccountTree tree;
  tree.add("child", "parent", "");
  EXPECT_TRUE(tree.within("child", "parent"));
}

TEST(KazooAccountTree, Circles) {
  AccountTree tree;
  tree.add("a", "b", "");
  tree.add("b", "", "");
  EXPECT_EQ(tree.in_circle(), "");
  tree.add("b", "a", "");
  EXPECT_EQ(tree.in_circle(), "a");
  tree.add("a", "a", "");
  EXPECT_EQ(tree.in_circle(), "a");
}

}  // namespace
}  // namespace kazoo
