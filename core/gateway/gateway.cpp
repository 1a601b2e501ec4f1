// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/ip/host_name.hpp>

#include "base/clock.hpp"
#include "gateway/gateway_impl.hpp"

namespace dragoman::gateway {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += (all.empty() ? "" : "\n") + line;
  return all;
}

const char* const stopping_words = "the gateway is stopping";

}  // namespace

Gateway::Gateway(const config::Configuration& configuration, const GatewayOptions& options)
    : impl_(std::make_unique<Impl>(options)) {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  impl_->make_shards(configuration, std::min(configuration.threads ? configuration.threads : cores, 255u));
  std::vector<std::string> errors;
  Impl::Building building(configuration, false, errors, config::compare({}, configuration));
  impl_->build(building);
  if (errors.empty()) impl_->start_journals(building);
  if (errors.empty()) impl_->open_listeners(building);
  if (errors.empty()) {
    impl_->install_mounts(building);
    impl_->start_buses(building);
  }
  if (!errors.empty()) {
    impl_->stopping = true;
    impl_->abandon(building);
    throw StartError(joined(errors));
  }
  impl_->world = std::move(building.next);
  for (const auto& mount : impl_->world.mounts) mount->served = true;
  for (const auto& shard : impl_->shards)
    for (const auto& listener : impl_->world.listeners) {
      listener->on_shard[shard->number]->use(listener->settings);
      shard->front_doors.push_back(listener->on_shard[shard->number].get());
    }
}

std::vector<std::string> Gateway::check(const config::Configuration& configuration, const GatewayOptions& options) {
  std::vector<std::string> errors;
  Impl::look(configuration, options, errors, true, [](const World&) {});
  return errors;
}

Explanation Gateway::explain(const config::Configuration& configuration, const GatewayOptions& options,
                             const std::string& bus, const event::EventPtr& event) {
  std::vector<std::string> errors;
  std::optional<Explanation> out;
  Impl::look(configuration, options, errors, false, [&](const World& world) {
    try {
      out = explain_event(world, bus, event);
    } catch (const StartError& error) {
      errors.emplace_back(error.what());
    }
  });
  if (!out) throw StartError(joined(errors));
  return std::move(*out);
}

void Gateway::Impl::look(const config::Configuration& configuration, const GatewayOptions& options,
                         std::vector<std::string>& errors, bool with_listeners,
                         const std::function<void(const World&)>& at) {
  Impl impl(options);
  impl.make_shards(configuration, 1);
  Building building(configuration, true, errors, config::compare({}, configuration));
  building.with_listeners = with_listeners;
  impl.build(building);
  if (errors.empty()) at(building.next);
  impl.stopping = true;
  impl.abandon(building);
}

void Gateway::Impl::make_nodes(Building& building) {
  const config::ClusterConfig& cluster = building.configuration.cluster;
  const auto on = find_named(building.next.buses, cluster.bus);
  if (!on || !on->bus) return;
  nodes_bus = on->address->number;
  nodes = std::make_unique<service::Nodes>(
      service::Nodes::Options{cluster.node.empty() ? boost::asio::ip::host_name() : cluster.node, cluster.channel,
                              cluster.heartbeat_ms, cluster.deadline_ms},
      *on->bus);
  for (const std::string& key : nodes->keys()) on->wishes->add({cluster.channel, key, true});
  node_quotas = std::make_unique<NodeQuotas>(*nodes);
  MountRegistry::answer_nodes(*nodes, [this](std::string_view name) -> std::shared_ptr<const MountGenerations> {
    const std::lock_guard lock(lists);
    const auto mount = find_named(world.mounts, name);
    return mount ? mount->shared.common : nullptr;
  });
  answer_session_lists(*nodes, shards);
}

Gateway::Impl::~Impl() {
  stopping = true;
  stop_buses();
  for (World* each : {&world, &retiring})
    for (const auto& authenticator : each->authenticators) authenticator->authenticator->stop();
  // Mounts end before the buses and authenticators they point to, and before any loop they may still post to.
  for (const auto& shard : shards) {
    shard->loop.adopt_thread();
    shard->front_doors.clear();
    shard->mounts.clear();
    shard->upstreams.clear();
  }
  for (World* each : {&world, &retiring}) {
    each->listeners.clear();
    each->mounts.clear();
  }
}

void Gateway::Impl::stop_buses() {
  if (nodes) nodes->stop();
  for (const auto& shard : shards) shard->mailbox.wake_waiting();
  for (World* each : {&world, &retiring})
    for (const auto& bus : each->buses)
      if (bus->plugin) bus->plugin->stop();
}

void Gateway::Impl::stop_control() {
  if (!control_thread.joinable()) return;
  control.stop();
  control_thread.join();
  // Reloads that wait are refused.
  control.finish();
}

bool Gateway::Impl::open_clients() const {
  for (const World* each : {&world, &retiring}) {
    for (const auto& mount : each->mounts)
      if (mount->shared.quotas.sessions()) return true;
    for (const auto& listener : each->listeners)
      if (listener->shared.connections.load(std::memory_order_relaxed)) return true;
  }
  return false;
}

Gateway::~Gateway() {
  if (impl_->running) stop();
}

void Gateway::start() {
  impl_->running = true;
  for (const auto& shard : impl_->shards) shard->run_thread();
  if (impl_->nodes) impl_->nodes->start();
  if (impl_->node_quotas)
    for (const auto& mount : impl_->world.mounts) impl_->node_quotas->add(mount->shared);
  impl_->on_shard(*impl_->shards.front(), [this] {
    Shard& first = *impl_->shards.front();
    for (const auto& authenticator : impl_->world.authenticators)
      authenticator->authenticator->start(first.loop, first.upstreams);
  });
  impl_->on_all_shards([](Shard& shard) {
    for (FrontDoor* door : shard.front_doors) door->start();
  });
  impl_->control_thread = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "control");
    impl_->control.run();
  });
}

bool Gateway::stop() {
  impl_->stopping = true;
  impl_->stop_control();
  const std::int64_t deadline = base::monotonic_ms() + impl_->world.configuration.shutdown_timeout_ms;
  impl_->on_all_shards([](Shard& shard) {
    for (FrontDoor* door : shard.front_doors) {
      door->stop_accepting();
      door->close_connections();
    }
  });
  impl_->on_all_shards([](Shard& shard) {
    for (ShardMount* mount : shard.mounts) mount->instance().stop();
    for (ShardMount* mount : shard.mounts) mount->close_all();
  });
  while (impl_->open_clients() && base::monotonic_ms() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const bool in_time = !impl_->open_clients();
  // What was accepted goes on to the journals, and their answers to the shards.
  impl_->on_all_shards([](Shard& shard) { shard.empty_mailbox(); });
  impl_->stop_buses();
  bool stored = true;
  for (World* each : {&impl_->world, &impl_->retiring})
    for (const auto& journal : each->journals) {
      if (!journal->started) continue;
      const std::int64_t rest = std::max<std::int64_t>(deadline - base::monotonic_ms(), 500);
      if (!journal->journal->stop(static_cast<std::uint32_t>(rest))) stored = false;
    }
  for (const auto& shard : impl_->shards) shard->loop.stop();
  for (const auto& shard : impl_->shards) shard->join();
  // The shards' threads are gone: what is left ends here, on behalf of each of them.
  for (const auto& shard : impl_->shards) {
    shard->loop.adopt_thread();
    shard->mailbox.discard();
    for (ShardMount* mount : shard->mounts) mount->abort_all();
    shard->loop.finish();
  }
  impl_->running = false;
  return in_time && stored;
}

void Gateway::reload(Load load, Reloaded done) {
  const auto refuse = [](const Reloaded& to) {
    ReloadReport report;
    report.errors.emplace_back(stopping_words);
    to(report);
  };
  if (!impl_->running || impl_->stopping) return refuse(done);
  impl_->control.post([this, refuse, load = std::move(load), done = std::move(done)] {
    if (impl_->stopping) return refuse(done);
    done(impl_->reload(load));
  });
}

std::shared_ptr<bus::Bus> Gateway::find_bus(const std::string& name) {
  const std::lock_guard lock(impl_->lists);
  const auto& buses = impl_->world.buses;
  const auto found = !name.empty() ? find_named(buses, name) : buses.size() == 1 ? buses.front() : nullptr;
  return found ? std::shared_ptr<bus::Bus>(found, found->bus.get()) : nullptr;
}

std::shared_ptr<service::StaticAuthenticator> Gateway::find_static_authenticator(const std::string& name) {
  const std::lock_guard lock(impl_->lists);
  const auto found = find_named(impl_->world.authenticators, name);
  if (!found || !found->authenticator->as_static()) return nullptr;
  return {found, found->authenticator->as_static()};
}

bool Gateway::sessions(const std::string& mount, std::size_t most, SessionsDone done) {
  if (!impl_->running || impl_->stopping) return false;
  {
    const std::lock_guard lock(impl_->lists);
    const auto& leaving = impl_->retiring.mounts;
    const bool left = std::any_of(leaving.begin(), leaving.end(),
                                  [&](const auto& one) { return one->served && name_of(*one) == mount; });
    if (!left && !find_named(impl_->world.mounts, mount)) return false;
  }
  list_sessions(impl_->shards, mount, impl_->nodes.get(), most, std::move(done));
  return true;
}

Readiness Gateway::readiness() const {
  Readiness r;
  r.ready = impl_->running && !impl_->stopping;
  if (impl_->stopping)
    r.reasons.emplace_back("shutting down");
  else if (!impl_->running)
    r.reasons.emplace_back("not started");
  const std::lock_guard lock(impl_->lists);
  // Neither is a reason to send clients elsewhere: the other gateways have the same broker, those who are here keep
  // their sessions, what is kept already can still be read, and publishers are told.
  for (const auto& bus : impl_->world.buses)
    if (!bus->bus->connected()) r.reasons.push_back("bus " + bus->config.name + " is not connected");
  for (const auto& journal : impl_->world.journals)
    if (const auto trouble = journal->journal->trouble())
      r.reasons.push_back("journal " + journal->config.name + " cannot store: " + *trouble);
  for (const auto& authenticator : impl_->world.authenticators)
    for (auto& reason : authenticator->authenticator->troubles()) r.reasons.push_back(std::move(reason));
  return r;
}

std::vector<service::MetricFamily> Gateway::metrics() const {
  const std::lock_guard lock(impl_->lists);
  return gather_metrics(impl_->world, impl_->retiring, impl_->past, impl_->shards, impl_->nodes.get());
}

std::map<std::string, unsigned> Gateway::ports() const {
  const std::lock_guard lock(impl_->lists);
  std::map<std::string, unsigned> ports;
  for (const auto& listener : impl_->world.listeners) ports[name_of(*listener)] = listener->shared.port;
  return ports;
}

bool Gateway::shards_moved() {
  bool all = true;
  for (const auto& shard : impl_->shards) {
    if (shard->asked.exchange(true))
      all = false;
    else
      shard->loop.post([s = shard.get()] { s->asked = false; });
  }
  return all;
}

}  // namespace dragoman::gateway
