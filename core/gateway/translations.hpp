// SPDX-License-Identifier: Apache-2.0
// The translations of a configuration, and whom they are for.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "gateway/builder.hpp"
#include "gateway/shard.hpp"
#include "translation/translator.hpp"

namespace dragoman::gateway {

// Never null; without rules when something is wrong, which is added to `errors`.
std::unique_ptr<translation::Translator> make_translator(const config::Configuration& configuration,
                                                         std::vector<std::string>& errors);

// Finds rules that can do nothing; the mounts are configured, and the settings of buses complete.
void check_translations(const translation::Translator& translator, const std::vector<std::unique_ptr<Shard>>& shards,
                        const std::vector<BuiltBus>& buses, const config::Configuration& configuration,
                        std::vector<std::string>& errors);

}  // namespace dragoman::gateway
