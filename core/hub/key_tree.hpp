// SPDX-License-Identifier: Apache-2.0
// Key patterns as in AMQP topics (ext/fanout.h): tokens separated by '.', '*' for one token, '#' for any number of
// tokens.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::hub {

// Patterns with a value each. Matching walks the set of reachable nodes token by token, so its cost is bounded by
// tokens times nodes however many '#' a hostile pattern holds. One thread. Value: default-constructible.
template <class Value>
class KeyTree {
 public:
  // The value of this pattern, made if it is new. Stable until erase().
  Value& insert(std::string_view pattern) {
    Node* node = &root_;
    for_each_token(pattern, [&](std::string_view token) {
      // "#.#" is "#".
      if (token == "#" && node->loops) return;
      auto& child = node->children[std::string(token)];
      if (!child) {
        child = std::make_unique<Node>();
        child->loops = token == "#";
        child->parent = node;
        child->token = token;
      }
      node = child.get();
    });
    if (!node->value) node->value = std::make_unique<Value>();
    return *node->value;
  }

  void erase(std::string_view pattern) {
    Node* node = &root_;
    for_each_token(pattern, [&](std::string_view token) {
      if (!node || (token == "#" && node->loops)) return;
      const auto found = node->children.find(token);
      node = found == node->children.end() ? nullptr : found->second.get();
    });
    if (!node) return;
    node->value.reset();
    while (node != &root_ && !node->value && node->children.empty()) {
      Node* parent = node->parent;
      parent->children.erase(parent->children.find(node->token));
      node = parent;
    }
  }

  // Calls f(Value&) once for each pattern that matches.
  template <class F>
  void match(std::string_view key, F&& f) {
    if (root_.children.empty() && !root_.value) return;
    ++mark_;
    now_.clear();
    reach(&root_, now_);
    for_each_token(key, [&](std::string_view token) {
      ++mark_;
      next_.clear();
      for (Node* node : now_) {
        if (node->loops) reach(node, next_);
        if (auto i = node->children.find(token); i != node->children.end() && !i->second->loops && token != "*")
          reach(i->second.get(), next_);
        if (auto i = node->children.find(std::string_view("*")); i != node->children.end())
          reach(i->second.get(), next_);
      }
      now_.swap(next_);
    });
    for (Node* node : now_)
      if (node->value) f(*node->value);
  }

  bool empty() const { return root_.children.empty() && !root_.value; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    std::unique_ptr<Value> value;
    Node* parent = nullptr;
    std::string token;
    std::uint64_t mark = 0;
    bool loops = false;
  };

  template <class F>
  static void for_each_token(std::string_view text, F&& f) {
    for (std::size_t from = 0;;) {
      const std::size_t dot = text.find('.', from);
      f(text.substr(from, dot == text.npos ? text.npos : dot - from));
      if (dot == text.npos) return;
      from = dot + 1;
    }
  }

  void reach(Node* node, std::vector<Node*>& set) {
    for (;;) {
      if (node->mark == mark_) return;
      node->mark = mark_;
      set.push_back(node);
      const auto hash = node->children.find(std::string_view("#"));
      if (hash == node->children.end()) return;
      node = hash->second.get();
    }
  }

  Node root_;
  std::vector<Node*> now_, next_;
  std::uint64_t mark_ = 0;
};

}  // namespace dragoman::hub
