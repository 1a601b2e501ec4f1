// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/log.hpp"
#include "gateway/gateway_impl.hpp"

namespace dragoman::gateway {
namespace {

constexpr std::int64_t interval_ms = 100;
constexpr std::uint32_t journal_stop_ms = 10'000;
// For the steps of an end, once it is time.
constexpr std::int64_t end_ms = 200;

auto& list_of(World& world, const std::shared_ptr<RunningAuthenticator>&) {
  return world.authenticators;
}
auto& list_of(World& world, const std::shared_ptr<RunningUpstream>&) {
  return world.upstreams;
}
auto& list_of(World& world, const std::shared_ptr<RunningBus>&) {
  return world.buses;
}
auto& list_of(World& world, const std::shared_ptr<RunningJournal>&) {
  return world.journals;
}
auto& list_of(World& world, const std::shared_ptr<RunningTranslations>&) {
  return world.translations;
}

}  // namespace

bool Gateway::Impl::retired() const {
  return retiring.mounts.empty() && retiring.listeners.empty() && retiring.buses.empty() && retiring.journals.empty() &&
         retiring.authenticators.empty() && retiring.upstreams.empty() && retiring.translations.empty();
}

void Gateway::Impl::sweep() {
  if (stopping) return;
  sweep_mounts();
  sweep_listeners();
  sweep_services();
  if (!retired()) control.arm(sweep_timer, interval_ms);
}

// Three steps, since a mount's home shard works for all of them: nobody is left on any shard, nothing will call back on
// any shard, gone.
void Gateway::Impl::sweep_mounts() {
  const auto all = retiring.mounts;
  std::vector<std::atomic<unsigned>> idle(all.size()), over(all.size());
  on_all_shards([&](Shard& shard) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i]->on_shard.size() <= shard.number) {
        ++idle[i];
        ++over[i];
        continue;
      }
      ShardMount& mount = *all[i]->on_shard[shard.number];
      if (base::monotonic_ms() >= all[i]->requests_end_ms) mount.requests().abort_all();
      if (mount.idle()) ++idle[i];
      if (all[i]->ended && mount.over()) ++over[i];
    }
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    RunningMount& mount = *all[i];
    if (!mount.ended) {
      mount.idle = idle[i] == shards.size();
      if (!mount.idle || base::monotonic_ms() < mount.bus->lives_until_ms) continue;
      on_all_shards([&](Shard& shard) {
        shard.remove_mount(mount.shared.number);
        if (mount.on_shard.size() > shard.number) mount.on_shard[shard.number]->end();
      });
      for (const auto& wish : mount.wishes) mount.bus->wishes->remove(wish);
      if (mount.bus->wishes) mount.bus->wishes->flush();
      mount.ended = true;
      continue;
    }
    if (over[i] < shards.size()) continue;
    const std::lock_guard lock(lists);
    World last;
    last.mounts.push_back(all[i]);
    past.add(last);
    on_all_shards([&](Shard& shard) {
      if (mount.on_shard.size() > shard.number) mount.on_shard[shard.number].reset();
    });
    std::erase(retiring.mounts, all[i]);
    if (mount.served)
      base::log(base::LogLevel::info, "drained", {{"mount", name_of(mount)}, {"plugin", mount.shared.plugin->version}});
  }
}

void Gateway::Impl::sweep_listeners() {
  for (const auto& listener : std::vector(retiring.listeners)) {
    std::atomic<bool> idle = true;
    on_all_shards([&](Shard& shard) {
      if (listener->on_shard.size() > shard.number && !listener->on_shard[shard.number]->idle()) idle = false;
    });
    if (!idle || listener->shared.connections) continue;
    const std::lock_guard lock(lists);
    World last;
    last.listeners.push_back(listener);
    past.add(last);
    on_all_shards([&](Shard& shard) {
      shard.remove_door(listener->shared.number);
      for (ShardMount* mount : shard.mounts) mount->end_drain(&listener->shared.connections);
      if (listener->on_shard.size() > shard.number) listener->on_shard[shard.number].reset();
    });
    std::erase(retiring.listeners, listener);
    base::log(base::LogLevel::info, "drained", {{"listener", name_of(*listener)}});
  }
}

// What nobody else has, such as a mount or a caller of find_bus(), goes when end() says that it can.
template <class Running, class End>
void Gateway::Impl::sweep_list(std::vector<std::shared_ptr<Running>>& list, End end) {
  for (std::size_t i = 0; i < list.size();) {
    if (list[i].use_count() > 1 || !end(*list[i])) {
      ++i;
      continue;
    }
    World ended;
    {
      const std::lock_guard lock(lists);
      list_of(ended, list[i]).push_back(list[i]);
      past.add(ended);
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
    }
    destroy(*list_of(ended, std::shared_ptr<Running>()).front());
  }
}

// Publishers may have their answers from stop() only; the rest of it goes after them.
void Gateway::Impl::sweep_buses() {
  const std::int64_t now = base::monotonic_ms();
  for (const auto& bus : retiring.buses) {
    if (now < bus->lives_until_ms) continue;
    bus->retired = true;
    const bool mounted = std::any_of(retiring.mounts.begin(), retiring.mounts.end(),
                                     [&](const auto& mount) { return mount->bus == bus && !mount->ended; });
    if (mounted || (bus.use_count() > 1 && now < bus->answers_until_ms)) continue;
    if (bus->plugin) bus->plugin->stop();
    bus->address->deserted = true;
  }
  sweep_list(retiring.buses, [](RunningBus& one) { return one.address->deserted.load(); });
}

bool Gateway::Impl::sweep_idle(std::int64_t until_ms, const std::function<bool(const RunningMount&)>& uses) {
  const bool used = std::any_of(retiring.mounts.begin(), retiring.mounts.end(),
                                [&](const auto& mount) { return uses(*mount) && !mount->idle; });
  if (stopping || used || base::monotonic_ms() >= until_ms + end_ms) return false;
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  sweep();
  return true;
}

// In this order, since the first use the others.
void Gateway::Impl::sweep_services() {
  sweep_list(retiring.authenticators, [this](RunningAuthenticator& one) {
    Shard& first = *shards.front();
    if (!one.ended) on_shard(first, [&] { one.authenticator->end(); });
    one.ended = true;
    return one.authenticator->over();
  });
  sweep_list(retiring.upstreams, [this](RunningUpstream& one) {
    std::atomic<std::size_t> unused = 0;
    on_all_shards([&](Shard& shard) {
      if (one.on_shard[shard.number].use_count() == 1) ++unused;
    });
    return unused == shards.size();
  });
  sweep_buses();
  sweep_list(retiring.journals, [](RunningJournal& one) {
    if (one.started) one.journal->stop(journal_stop_ms);
    return true;
  });
  sweep_list(retiring.translations, [](RunningTranslations&) { return true; });
}

void Gateway::Impl::destroy(RunningAuthenticator& one) {
  on_shard(*shards.front(), [&] { one.authenticator.reset(); });
}

void Gateway::Impl::destroy(RunningUpstream& one) {
  on_all_shards([&](Shard& shard) { one.on_shard[shard.number].reset(); });
}

}  // namespace dragoman::gateway
