// SPDX-License-Identifier: Apache-2.0
#include "gateway/translations.hpp"

#include "translation/check.hpp"
#include "translation/compile.hpp"

namespace dragoman::gateway {

std::unique_ptr<translation::Translator> make_translator(const World& world, std::size_t numbers,
                                                         std::vector<std::string>& errors) {
  std::vector<config::Error> wrong;
  auto rules = translation::compile(world.configuration, wrong);
  config::sort_errors(wrong);
  for (const config::Error& error : wrong) errors.push_back(error.text());
  if (!errors.empty()) return nullptr;
  // Known by their places in the configuration until now.
  const auto number = [&](std::uint32_t& bus) { bus = world.buses[bus]->address->number; };
  for (const auto& rule : rules) {
    number(rule->bus);
    for (auto& output : rule->outputs) number(output.bus);
  }
  const config::TranslationLimits& limits = world.configuration.translation_limits;
  return std::make_unique<translation::Translator>(
      std::move(rules), numbers,
      translation::Limits{limits.events, limits.event_bytes, world.configuration.mailbox_bytes});
}

void check_audience(const translation::Translator& translator, const World& world, std::vector<std::string>& errors) {
  std::vector<translation::Audience> audiences;
  for (const auto& mount : world.mounts) {
    translation::Audience audience;
    audience.mount = name_of(*mount);
    audience.bus = mount->shared.bus_number;
    plugin::Instance& instance = mount->on_shard.front()->instance();
    for (const auto& feed : instance.feeds()) audience.keys.emplace_back(feed.channel, feed.pattern);
    for (const auto& channel : instance.channels()) audience.keys.emplace_back(channel, "#");
    // Who maps everything that it is sent hears of nothing else.
    const bool subscribes = !instance.has_map() || instance.maps_feeds();
    audience.any = subscribes && instance.channels().empty();
    audiences.push_back(std::move(audience));
  }
  std::vector<std::optional<std::string>> channels;
  for (const auto& bus : world.buses) {
    const std::uint32_t number = bus->address->number;
    if (channels.size() <= number) channels.resize(number + 1);
    const boost::json::value* only = bus->config.settings.if_contains("channel");
    if (only && only->is_string()) channels[number] = only->get_string();
  }
  std::vector<config::Error> wrong;
  translation::check(translator.rules(), audiences, channels, world.configuration.locations, wrong);
  config::sort_errors(wrong);
  for (const config::Error& error : wrong) errors.push_back(error.text());
}

}  // namespace dragoman::gateway
