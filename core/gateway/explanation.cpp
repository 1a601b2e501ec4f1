// SPDX-License-Identifier: Apache-2.0
#include "gateway/explanation.hpp"

#include <algorithm>

#include "gateway/gateway.hpp"
#include "gateway/shard.hpp"
#include "translation/translator.hpp"

namespace dragoman::gateway {
namespace {

ExplainedEvent heard_by(Shard& shard, const config::Configuration& configuration, std::uint32_t bus,
                        const event::EventPtr& event) {
  ExplainedEvent out{configuration.buses[bus].name, event, {}};
  for (const auto& mount : shard.mounts) {
    if (!mount->shared().bus || mount->shared().bus_number != bus) continue;
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

Explanation explain_event(translation::Translator& translator, Shard& shard, const config::Configuration& configuration,
                          const std::string& bus, const event::EventPtr& event) {
  const auto& buses = configuration.buses;
  const auto at = std::find_if(buses.begin(), buses.end(),
                               [&](const auto& known) { return bus.empty() ? buses.size() == 1 : known.name == bus; });
  if (at == buses.end())
    throw StartError(bus.empty() ? "there are several buses; say with --bus which one the event comes from"
                                 : "there is no bus \"" + bus + "\"");
  const auto number = static_cast<std::uint32_t>(at - buses.begin());
  Explanation out{heard_by(shard, configuration, number, event), {}};
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
        if (made) output.made = heard_by(shard, configuration, rule->outputs[i].bus, made);
        explained.outputs.push_back(std::move(output));
      }
    }
    out.rules.push_back(std::move(explained));
  }
  return out;
}

}  // namespace dragoman::gateway
