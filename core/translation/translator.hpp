// SPDX-License-Identifier: Apache-2.0
// All rules, found by bus, channel and key: rules for other keys cost one look-up together.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/by_name.hpp"
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

  // What is being made of one event.
  struct Run {
    explicit Run(const event::Event& event) : source(event), bytes(event.bytes()) {}
    Source source;
    std::size_t made = 0, bytes;
  };
  // The event that this output of a rule makes, unless the answer is another than Outcome::made. Counts nothing.
  Outcome make(const Rule& rule, std::size_t output, Run& run, event::EventPtr& out) const;

  // For those who want to know why: all rules for the event's bus, channel and key, in their order.
  std::span<Rule* const> candidates(std::uint32_t bus, std::string_view channel, std::string_view key);
  const std::vector<std::unique_ptr<Rule>>& rules() const { return rules_; }
  const Limits& limits() const { return limits_; }
  // By bus with rules: events whose body a rule asked for and could not read. Any thread.
  std::map<std::string, std::uint64_t> unreadable() const;

 private:
  struct Channel {
    base::ByName<std::vector<Rule*>> literals;
    hub::KeyTree<std::vector<Rule*>> patterns;
  };
  struct Bus {
    base::ByName<Channel> channels;
    std::vector<Rule*> found;
    base::Counter unreadable;
  };

  std::vector<std::unique_ptr<Rule>> rules_;
  std::vector<Bus> buses_;
  const Limits limits_;
  bool crosses_ = false;
};

}  // namespace dragoman::translation
