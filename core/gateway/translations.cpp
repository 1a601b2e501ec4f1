// SPDX-License-Identifier: Apache-2.0
#include "gateway/translations.hpp"

#include "translation/check.hpp"
#include "translation/compile.hpp"

namespace dragoman::gateway {

std::unique_ptr<translation::Translator> make_translator(const config::Configuration& configuration,
                                                         std::vector<std::string>& errors) {
  std::vector<config::Error> wrong;
  auto rules = translation::compile(configuration, wrong);
  config::sort_errors(wrong);
  for (const config::Error& error : wrong) errors.push_back(error.text());
  if (!wrong.empty()) rules.clear();
  const config::TranslationLimits& limits = configuration.translation_limits;
  return std::make_unique<translation::Translator>(
      std::move(rules), configuration.buses.size(),
      translation::Limits{limits.events, limits.event_bytes, configuration.mailbox_bytes});
}

void check_translations(const translation::Translator& translator, const std::vector<std::unique_ptr<Shard>>& shards,
                        const std::vector<BuiltBus>& buses, const config::Configuration& configuration,
                        std::vector<std::string>& errors) {
  std::vector<translation::Audience> audiences;
  for (const auto& mount : shards.front()->mounts) {
    translation::Audience audience;
    audience.mount = mount->shared().config.name;
    audience.bus = mount->shared().bus_number;
    plugin::Instance& instance = mount->instance();
    for (const auto& feed : instance.feeds()) audience.keys.emplace_back(feed.channel, feed.pattern);
    for (const auto& channel : instance.channels()) audience.keys.emplace_back(channel, "#");
    // Who maps everything that it is sent hears of nothing else.
    const bool subscribes = !instance.has_map() || instance.maps_feeds();
    audience.any = subscribes && instance.channels().empty();
    audiences.push_back(std::move(audience));
  }
  std::vector<std::optional<std::string>> channels;
  for (const BuiltBus& bus : buses) {
    const boost::json::value* only = bus.config.settings.if_contains("channel");
    channels.push_back(only && only->is_string() ? std::optional<std::string>(only->get_string()) : std::nullopt);
  }
  std::vector<config::Error> wrong;
  translation::check(translator.rules(), audiences, channels, configuration.locations, wrong);
  config::sort_errors(wrong);
  for (const config::Error& error : wrong) errors.push_back(error.text());
}

}  // namespace dragoman::gateway
