// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>

#include "gateway/gateway_impl.hpp"

namespace dragoman::gateway {
namespace {

// What a broker had sent on a bus before its successor was subscribed has come by then.
constexpr std::int64_t under_way_ms = 1000;
// Brokers confirm in less, or the connection is of no use.
constexpr std::int64_t answers_ms = 10'000;

template <class Running>
bool among(const std::vector<std::shared_ptr<Running>>& all, const std::shared_ptr<Running>& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// What `now` has no more goes to `out`.
template <class Running>
void move_missing(const std::vector<std::shared_ptr<Running>>& before, const std::vector<std::shared_ptr<Running>>& now,
                  std::vector<std::shared_ptr<Running>>& out) {
  for (const auto& one : before)
    if (!among(now, one)) out.push_back(one);
}

template <class Running>
void move_all(std::vector<std::shared_ptr<Running>>& from, std::vector<std::shared_ptr<Running>>& to) {
  to.insert(to.end(), from.begin(), from.end());
  from.clear();
}

}  // namespace

ReloadReport Gateway::Impl::reload(const Load& load) {
  ReloadReport report;
  try {
    const auto configuration = load(report.errors);
    if (configuration) {
      report.errors = Gateway::check(*configuration, options);
      if (report.errors.empty()) report = change_to(*configuration);
    }
  } catch (const std::exception& error) {
    report.errors.emplace_back(error.what());
  }
  {
    const std::lock_guard lock(lists);
    ++(report.errors.empty() ? past.reloads : past.refused);
  }
  log_report(report);
  return report;
}

ReloadReport Gateway::Impl::change_to(const config::Configuration& configuration) {
  // What has ended by now gives its name free, such as that of a journal.
  for (int i = 0; i < 3 && !retired(); ++i) sweep();
  std::vector<std::string> errors;
  Building building(configuration, false, errors, config::compare(world.configuration, configuration));
  errors = building.difference.refused;
  try {
    if (errors.empty()) build(building);
    if (errors.empty()) start_journals(building);
    if (errors.empty()) open_listeners(building);
    if (errors.empty()) {
      install_mounts(building);
      start_buses(building);
    }
    if (errors.empty()) await_buses(building);
  } catch (const std::exception& error) {
    errors.emplace_back(error.what());
  }
  if (errors.empty()) {
    switch_to(building);
  } else {
    abandon(building);
    building.report.errors = std::move(errors);
  }
  control.arm(sweep_timer, 0);
  return std::move(building.report);
}

void Gateway::Impl::retire(const std::shared_ptr<RunningMount>& mount, bool at_once) {
  const config::ReloadConfig& config = world.configuration.reload;
  const std::int64_t now = base::monotonic_ms();
  const std::int64_t begins = at_once ? now : now + config.drain_deadline_ms;
  if (mount->drain) return mount->drain->begin_at(begins);
  mount->requests_end_ms = now + config.drain_deadline_ms;
  mount->drain = std::make_shared<DrainRate>(begins, config.drain_rate);
}

void Gateway::Impl::switch_to(Building& building) {
  World before;
  {
    const std::lock_guard lock(lists);
    before = std::move(world);
    world = std::move(building.next);
    for (const auto& config : world.configuration.authenticators) {
      const auto authenticator = find_named(world.authenticators, config.name);
      if (!authenticator->authenticator->as_static() || authenticator->config == config) continue;
      authenticator->authenticator->update_tokens(authenticator->config.tokens, config.tokens);
      authenticator->config = config;
    }
    for (std::size_t i = 0; i < world.listeners.size(); ++i) {
      const config::ListenerConfig& config = building.settings[i]->config;
      if (config.address.starts_with("unix:")) ::chmod(config.address.c_str() + 5, config.unix_mode);
      world.listeners[i]->settings = building.settings[i];
    }
    move_missing(before.mounts, world.mounts, retiring.mounts);
    move_missing(before.listeners, world.listeners, retiring.listeners);
    move_missing(before.buses, world.buses, retiring.buses);
    move_missing(before.journals, world.journals, retiring.journals);
    move_missing(before.authenticators, world.authenticators, retiring.authenticators);
    move_missing(before.upstreams, world.upstreams, retiring.upstreams);
    move_missing(before.translations, world.translations, retiring.translations);
  }
  for (const auto& bus : world.buses) delivery.use(*bus, world.translations.front());
  for (const auto& bus : world.buses) bus->retired = false;
  // Those before go on making events for other buses of what they have under way: better twice than never.
  const std::int64_t now = base::monotonic_ms();
  for (const auto& bus : before.buses) {
    if (among(world.buses, bus)) continue;
    bus->lives_until_ms = now + under_way_ms;
    bus->answers_until_ms = now + std::min<std::int64_t>(answers_ms, world.configuration.reload.drain_deadline_ms);
  }
  for (const auto& translations : before.translations)
    if (!among(world.translations, translations)) forget_wishes(*translations);
  for (const auto& mount : world.mounts) mount->served = true;
  std::vector<std::shared_ptr<RunningMount>> replaced;
  for (const auto& mount : retiring.mounts) {
    if (mount->ended) continue;
    if (!mount->drain) replaced.push_back(mount);
    const auto change = building.difference.mounts.find(name_of(*mount));
    const bool same = change != building.difference.mounts.end() && change->second == config::Change::kept;
    if (!mount->drain || !same) retire(mount, !same);
  }
  std::vector<std::pair<std::shared_ptr<RunningListener>, std::shared_ptr<DrainRate>>> closed;
  for (const auto& listener : retiring.listeners)
    if (among(before.listeners, listener))
      closed.emplace_back(listener,
                          std::make_shared<DrainRate>(base::monotonic_ms(), world.configuration.reload.drain_rate));
  if (node_quotas)
    for (const auto& mount : building.added.mounts) node_quotas->add(mount->shared);
  for (const auto& authenticator : building.added.authenticators)
    on_shard(*shards.front(),
             [&] { authenticator->authenticator->start(shards.front()->loop, upstreams_of(world, 0)); });
  on_all_shards([&](Shard& shard) {
    shard.upstreams = upstreams_of(world, shard.number);
    for (const auto& listener : world.listeners) {
      FrontDoor& door = *listener->on_shard[shard.number];
      door.use(listener->settings);
      if (!among(building.added.listeners, listener)) continue;
      shard.front_doors.push_back(&door);
      door.start();
    }
    for (const auto& [listener, rate] : closed) {
      FrontDoor& door = *listener->on_shard[shard.number];
      door.stop_accepting();
      door.close_connections();
      for (const auto& mount : world.mounts) mount->on_shard[shard.number]->drain(rate, &listener->shared.connections);
    }
    for (const auto& mount : replaced) mount->on_shard[shard.number]->drain(mount->drain, nullptr);
    for (const auto& mount : world.mounts)
      mount->on_shard[shard.number]->instance().set_slow_call_ms(world.configuration.plugins.slow_call_ms);
  });
}

void Gateway::Impl::abandon(Building& building) {
  for (const auto& shard : shards) on_shard(*shard, [&] { shard->upstreams = upstreams_of(world, shard->number); });
  if (building.installed)
    for (const auto& translations : building.added.translations) forget_wishes(*translations);
  for (const auto& bus : building.added.buses) bus->retired = true;
  const std::lock_guard lock(lists);
  for (const auto& mount : building.added.mounts) {
    mount->drain = std::make_shared<DrainRate>(base::monotonic_ms(), 1);
    mount->requests_end_ms = base::monotonic_ms();
  }
  move_all(building.added.mounts, retiring.mounts);
  move_all(building.added.listeners, retiring.listeners);
  move_all(building.added.buses, retiring.buses);
  move_all(building.added.journals, retiring.journals);
  move_all(building.added.authenticators, retiring.authenticators);
  move_all(building.added.upstreams, retiring.upstreams);
  building.next = {};
}

}  // namespace dragoman::gateway
