// SPDX-License-Identifier: Apache-2.0
// What a gateway is made of while it runs. A reload makes another World, which has of the one before what has not
// changed; the rest ends when nobody uses it any more.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/shared_slot.hpp"
#include "bus/wishes.hpp"
#include "gateway/authenticators.hpp"
#include "gateway/shard.hpp"
#include "plugin/bus_instance.hpp"
#include "service/journal.hpp"
#include "translation/translator.hpp"

namespace dragoman::gateway {

using PluginPtr = std::shared_ptr<const plugin::Plugin>;

// Where events of a bus go. It outlives the bus while translations make events for it.
struct BusAddress {
  std::uint32_t number = 0;  // never that of another bus
  // Per shard: a mount that keeps events is at home there.
  std::unique_ptr<std::atomic<bool>[]> keeps;
  std::atomic<bool> deserted{false};  // no mount will take anything there
};

// All that a configuration has. What a reload has replaced goes on for the buses that it has replaced with it.
struct RunningTranslations {
  std::unique_ptr<translation::Translator> translator;  // buses by their numbers
  // By bus: its own, then those of what has had its name before and may still have mounts.
  std::map<std::uint32_t, std::vector<std::shared_ptr<const BusAddress>>> addresses;
};

struct RunningBus {
  config::BusConfig config;  // with all settings
  std::shared_ptr<BusAddress> address;
  // Null: none of its events is translated.
  base::SharedSlot<RunningTranslations> translations;
  // Nothing is made of its events for other buses: it has no place yet, or no longer and nothing under way.
  std::atomic<bool> retired{false};
  // Once it has lost its place, monotonic: it takes events at least until the first, and publishers that nobody answers
  // keep it until the second at most.
  std::int64_t lives_until_ms = 0, answers_until_ms = 0;
  PluginPtr file;  // null: it is the embedded one
  std::unique_ptr<bus::Bus> bus;
  plugin::BusInstance* plugin = nullptr;  // the same, unless it is the embedded one
  std::unique_ptr<bus::Wishes> wishes;    // of a plugin's; ends before it
};

struct RunningJournal {
  config::JournalConfig config;
  PluginPtr file;
  std::unique_ptr<service::Journal> journal;
  bool started = false;
};

struct RunningUpstream {
  config::UpstreamConfig config;
  std::vector<std::shared_ptr<service::Upstream>> on_shard;  // each ends on its shard
};

struct RunningAuthenticator {
  config::AuthenticatorConfig config;
  std::unique_ptr<ConfiguredAuthenticator> authenticator;
  std::vector<std::shared_ptr<RunningUpstream>> upstreams;  // that it asks
  bool ended = false;
};

struct RunningMount {
  MountShared shared;
  std::shared_ptr<RunningBus> bus;
  std::shared_ptr<RunningJournal> journal;              // null: none
  std::shared_ptr<RunningAuthenticator> authenticator;  // null: none
  std::vector<bus::Wish> wishes;                        // of its feeds
  std::vector<std::unique_ptr<ShardMount>> on_shard;    // each lives and ends on its shard
  // Once something is in its place.
  std::shared_ptr<DrainRate> drain;
  std::int64_t requests_end_ms = 0;  // monotonic
  bool idle = false;                 // at the latest sweep
  bool ended = false;
  bool served = false;  // else it was built for a reload that failed

  ~RunningMount() { shared.common->remove(shared.registry); }
  RunningMount() = default;
  RunningMount(const RunningMount&) = delete;
  RunningMount& operator=(const RunningMount&) = delete;
};

struct RunningListener {
  ListenerShared shared;
  ListenerSettingsPtr settings;
  std::vector<std::unique_ptr<FrontDoor>> on_shard;  // the same
};

struct Parts {
  std::vector<std::shared_ptr<RunningBus>> buses;
  std::vector<std::shared_ptr<RunningJournal>> journals;
  std::vector<std::shared_ptr<RunningUpstream>> upstreams;
  std::vector<std::shared_ptr<RunningAuthenticator>> authenticators;
  std::vector<std::shared_ptr<RunningMount>> mounts;
  std::vector<std::shared_ptr<RunningListener>> listeners;
  std::vector<std::shared_ptr<RunningTranslations>> translations;
};

// Its parts are in the order of the configuration; translations: one.
struct World : Parts {
  config::Configuration configuration;
};

inline const std::string& name_of(const RunningMount& mount) {
  return mount.shared.config.name;
}
inline const std::string& name_of(const RunningListener& listener) {
  return listener.settings->config.name;
}
template <class Running>
const std::string& name_of(const Running& running) {
  return running.config.name;
}

// Null if there is none of that name.
template <class Running>
std::shared_ptr<Running> find_named(const std::vector<std::shared_ptr<Running>>& all, std::string_view name) {
  for (const auto& one : all)
    if (name_of(*one) == name) return one;
  return nullptr;
}

}  // namespace dragoman::gateway
