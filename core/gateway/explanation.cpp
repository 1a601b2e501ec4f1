// SPDX-License-Identifier: Apache-2.0
#include "gateway/explanation.hpp"

#include <algorithm>

#include "gateway/gateway.hpp"
#include "gateway/running.hpp"

namespace dragoman::gateway {
namespace {

ExplainedEvent heard_by(const World& world, const std::string& bus, const event::EventPtr& event) {
  ExplainedEvent out{bus, event, {}};
  for (const auto& running : world.mounts) {
    if (name_of(*running->bus) != bus) continue;
    const auto& mount = running->on_shard.front();
    using Way = ExplainedMount::Way;
    plugin::Instance& instance = mount->instance();
    ExplainedMount hears{mount->shared().config.name, instance.plugin().name, Way::direct, {}};
    if (const auto made = mount->mapped(event)) {
      hears.way = !made->empty() ? Way::mapped : mount->shared().journal ? Way::stored : Way::silent;
      for (const event::EventPtr& one : *made) hears.keys.emplace_back(one->channel, one->key);
    } else {
      const auto& channels = instance.channels();
      const bool subscribes = !instance.has_map() || instance.maps_feeds();
      const bool known =
          channels.empty() || std::find(channels.begin(), channels.end(), event->channel) != channels.end();
      if (!subscribes || !known) continue;
      hears.keys.emplace_back(event->channel, event->key);
    }
    out.mounts.push_back(std::move(hears));
  }
  return out;
}

std::string why_no_candidate(const translation::Rule& rule, std::uint32_t bus, const event::Event& event) {
  if (rule.bus != bus) return "it is for the bus " + rule.bus_name;
  if (rule.channel != event.channel) return "it is for the channel \"" + rule.channel + "\"";
  std::string keys;
  for (const std::string& key : rule.keys) keys.append(keys.empty() ? "" : " or ").append("\"" + key + "\"");
  return "the key does not fit " + keys;
}

}  // namespace

Explanation explain_event(const World& world, const std::string& bus, const event::EventPtr& event) {
  const auto& buses = world.buses;
  const auto from = !bus.empty() ? find_named(buses, bus) : buses.size() == 1 ? buses.front() : nullptr;
  if (!from)
    throw StartError(bus.empty() ? "there are several buses; say with --bus which one the event comes from"
                                 : "there is no bus \"" + bus + "\"");
  const std::uint32_t number = from->address->number;
  translation::Translator& translator = *world.translations.front()->translator;
  Explanation out{heard_by(world, name_of(*from), event), {}};
  const auto found = translator.candidates(number, event->channel, event->key);
  translation::Translator::Run run(*event);
  for (const auto& rule : translator.rules()) {
    ExplainedRule explained{rule->name, false, {}, {}};
    if (std::find(found.begin(), found.end(), rule.get()) == found.end()) {
      explained.why = why_no_candidate(*rule, number, *event);
    } else if (const translation::Condition* unmet = rule->unmet(run.source)) {
      explained.why = "not so: " + unmet->text();
      if (unmet->in_body && run.source.unreadable()) explained.why += "; the body is no JSON that can be read";
    } else {
      explained.matched = true;
      for (std::size_t i = 0; i < rule->outputs.size(); ++i) {
        ExplainedRule::Output output;
        event::EventPtr made;
        output.outcome = translation::name(translator.make(*rule, i, run, made));
        if (made) output.made = heard_by(world, rule->outputs[i].bus_name, made);
        explained.outputs.push_back(std::move(output));
      }
    }
    out.rules.push_back(std::move(explained));
  }
  return out;
}

}  // namespace dragoman::gateway
