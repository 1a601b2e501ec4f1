// SPDX-License-Identifier: Apache-2.0
#include "translation/translator.hpp"

#include <algorithm>

#include "translation/key_overlap.hpp"

namespace dragoman::translation {

Translator::Translator(std::vector<std::unique_ptr<Rule>> rules, std::size_t buses, Limits limits)
    : rules_(std::move(rules)), buses_(buses), limits_(limits) {
  for (const auto& rule : rules_) {
    Channel& channel = buses_[rule->bus].channels[rule->channel];
    for (const std::string& key : rule->keys)
      (is_pattern(key) ? channel.patterns.insert(key) : channel.literals[key]).push_back(rule.get());
    for (const Output& output : rule->outputs) crosses_ = crosses_ || output.bus != rule->bus;
  }
}

std::span<Rule* const> Translator::candidates(std::uint32_t bus, std::string_view channel, std::string_view key) {
  Bus& of = buses_[bus];
  const auto at = of.channels.find(channel);
  if (at == of.channels.end()) return {};
  of.found.clear();
  const auto take = [&](const std::vector<Rule*>& rules) {
    of.found.insert(of.found.end(), rules.begin(), rules.end());
  };
  if (const auto i = at->second.literals.find(key); i != at->second.literals.end()) take(i->second);
  at->second.patterns.match(key, take);
  if (of.found.size() > 1) {
    std::sort(of.found.begin(), of.found.end(), [](const Rule* a, const Rule* b) { return a->number < b->number; });
    of.found.erase(std::unique(of.found.begin(), of.found.end()), of.found.end());
  }
  return of.found;
}

std::map<std::string, std::uint64_t> Translator::unreadable() const {
  std::map<std::string, std::uint64_t> out;
  for (const auto& rule : rules_) out[rule->bus_name] = buses_[rule->bus].unreadable.value();
  return out;
}

Outcome Translator::make(const Rule& rule, std::size_t output, Run& run, event::EventPtr& out) const {
  if (run.made >= limits_.events) return Outcome::too_many;
  Made all;
  if (const Outcome outcome = rule.outputs[output].make(run.source, limits_.bytes, all); outcome != Outcome::made)
    return outcome;
  all.parts.id = all.id = derived_id(run.source.event().id, rule.name, output + 1);
  event::EventPtr event = event::make_event(all.parts);
  if (run.bytes + event->bytes() > limits_.total) return Outcome::too_large;
  ++run.made;
  run.bytes += event->bytes();
  out = std::move(event);
  return Outcome::made;
}

void Translator::translate(std::uint32_t bus, const event::Event& event, std::vector<Translated>& out) {
  const auto rules = candidates(bus, event.channel, event.key);
  if (rules.empty()) return;
  Run run(event);
  for (Rule* rule : rules) {
    if (rule->unmet(run.source)) continue;
    rule->matched.add();
    for (std::size_t i = 0; i < rule->outputs.size(); ++i) {
      event::EventPtr made;
      const Outcome outcome = make(*rule, i, run, made);
      if (outcome != Outcome::made) {
        rule->dropped[static_cast<std::size_t>(outcome)].add();
        continue;
      }
      rule->emitted.add();
      out.push_back({rule->outputs[i].bus, std::move(made)});
    }
  }
  if (run.source.unreadable()) buses_[bus].unreadable.add();
}

}  // namespace dragoman::translation
