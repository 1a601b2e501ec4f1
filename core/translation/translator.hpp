// SPDX-License-Identifier: Apache-2.0
// All rules, found by bus, channel and key: rules for other keys cost one look-up together.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/key_tree.hpp"
#include "translation/rule.hpp"

namespace dragoman::translation {

struct Limits {
  std::size_t events = 100;       // made of one
  std::size_t bytes = 256 << 10;  // of each of them
  std::size_t total = 64u << 20;  // of one and all that is made of it
};

struct Translated {
  std::uint32_t bus = 0;
  event::EventPtr event;
};

class Translator {
 public:
  Translator(std::vector<std::unique_ptr<Rule>> rules, std::size_t buses, Limits limits);

  bool concerns(std::uint32_t bus) const { return bus < buses_.size() && !buses_[bus].channels.empty(); }
  // Some rule makes events for another bus than its own.
  bool crosses() const { return crosses_; }
  // Adds what the rules make of an event of this bus, in their order. One call at a time for each bus.
  void translate(std::uint32_t bus, const event::Event& event, std::vector<Translated>& out);

  // For those who want to know why: all rules for the event's bus, channel and key, in their order.
  std::span<Rule* const> candidates(std::uint32_t bus, std::string_view channel, std::string_view key);
  const std::vector<std::unique_ptr<Rule>>& rules() const { return rules_; }
  const Limits& limits() const { return limits_; }
  // Events of a bus whose body a rule asked for and that had none of JSON. Any thread.
  std::uint64_t unreadable(std::uint32_t bus) const { return buses_[bus].unreadable.value(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  template <class Value>
  using ByName = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;
  struct Channel {
    ByName<std::vector<Rule*>> literals;
    hub::KeyTree<std::vector<Rule*>> patterns;
  };
  struct Bus {
    ByName<Channel> channels;
    std::vector<Rule*> found;
    base::Counter unreadable;
  };

  std::vector<std::unique_ptr<Rule>> rules_;
  std::vector<Bus> buses_;
  const Limits limits_;
  bool crosses_ = false;
};

}  // namespace dragoman::translation
