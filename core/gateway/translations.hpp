// SPDX-License-Identifier: Apache-2.0
// The translations of a configuration, and whom they are for.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "gateway/running.hpp"
#include "translation/key_overlap.hpp"

namespace dragoman::gateway {

// Null when something is wrong, which is added to `errors`, or was before. numbers: all buses have lower ones.
std::unique_ptr<translation::Translator> make_translator(const World& world, std::size_t numbers,
                                                         std::vector<std::string>& errors);

// Finds rules that can do nothing. The mounts of the world are configured; on the thread of the first shard.
void check_audience(const translation::Translator& translator, const World& world, std::vector<std::string>& errors);

// Calls f(wishes, wish) for what the rules want of these buses.
template <class F>
void each_wish(const RunningTranslations& translations, const std::vector<std::shared_ptr<RunningBus>>& buses, F f) {
  for (const auto& rule : translations.translator->rules())
    for (const auto& bus : buses)
      if (bus->wishes && bus->address->number == rule->bus)
        for (const std::string& key : rule->keys)
          f(*bus->wishes, bus::Wish{rule->channel, key, !translation::is_pattern(key)});
}

}  // namespace dragoman::gateway
