// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.hpp"

#include <algorithm>
#include <boost/asio/ip/host_name.hpp>
#include <filesystem>
#include <future>
#include <thread>

#include "base/log.hpp"
#include "bus/embedded.hpp"
#include "bus/wishes.hpp"
#include "gateway/authenticators.hpp"
#include "gateway/builder.hpp"
#include "gateway/delivery.hpp"
#include "gateway/gateway_metrics.hpp"
#include "gateway/node_quotas.hpp"
#include "gateway/translations.hpp"
#include "translation/key_overlap.hpp"

namespace dragoman::gateway {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += (all.empty() ? "" : "\n") + line;
  return all;
}

void open_tls(ListenerShared& listener) {
  if (!listener.config.tls) return;
  const config::TlsConfig& tls = *listener.config.tls;
  if (tls.self_signed) net::ensure_self_signed(tls.certificate, tls.key);
  listener.tls = std::make_unique<net::TlsContext>(tls.certificate, tls.key, tls.minimum_version);
}

}  // namespace

struct Gateway::Impl {
  config::Configuration configuration;
  // Null: this gateway is alone. Both outlive who may still call them, and are stopped before.
  std::unique_ptr<service::Nodes> nodes;
  std::unique_ptr<NodeQuotas> node_quotas;
  std::uint32_t nodes_bus = 0;
  std::vector<std::unique_ptr<Shard>> shards;
  Built built;
  struct RunningBus {
    std::unique_ptr<bus::Bus> bus;
    plugin::BusInstance* plugin = nullptr;  // the same, unless it is the embedded one
    std::unique_ptr<bus::Wishes> wishes;    // of a plugin's
  };
  std::vector<RunningBus> buses;  // in the order of the configuration
  Authenticators authenticators;
  std::atomic<bool> running{false}, stopping{false};
  std::unique_ptr<translation::Translator> translator;
  Delivery delivery{shards, stopping};
  // Ends before everything that its answers go to.
  std::map<std::string, std::unique_ptr<service::Journal>> journals;

  using Delivered = bus::Bus::Delivered;

  Delivered deliver(std::uint32_t bus, const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait) {
    const auto between_nodes = [this](const event::EventPtr& event) { return nodes->concerns(*event); };
    if (nodes && bus == nodes_bus && std::any_of(batch.begin(), batch.end(), between_nodes)) {
      event::Batch rest;
      for (const auto& event : batch) {
        if (nodes->concerns(*event))
          nodes->receive(event);
        else
          rest.push_back(event);
      }
      return rest.empty() ? Delivered::ok : deliver(bus, rest, receipt, wait);
    }
    return delivery.deliver(bus, batch, receipt, wait);
  }

  bus::Bus::Deliver deliver_from(std::uint32_t bus) {
    return [this, bus](const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait) {
      return deliver(bus, batch, receipt, wait);
    };
  }

  void make_buses() {
    for (auto& from : built.buses) {
      RunningBus made;
      made.plugin = from.instance.get();
      if (from.instance) {
        made.wishes = std::make_unique<bus::Wishes>(*from.instance);
        from.instance->on_change([this, number = static_cast<std::uint32_t>(buses.size())](bool connected) {
          if (!stopping) bus_changed(number, connected);
        });
        made.bus = std::move(from.instance);
      } else {
        made.bus = std::make_unique<bus::EmbeddedBus>(deliver_from(static_cast<std::uint32_t>(buses.size())));
      }
      buses.push_back(std::move(made));
    }
  }

  void make_nodes() {
    const config::ClusterConfig& cluster = configuration.cluster;
    if (cluster.bus.empty()) return;
    while (configuration.buses[nodes_bus].name != cluster.bus) ++nodes_bus;
    RunningBus& on = buses[nodes_bus];
    nodes = std::make_unique<service::Nodes>(
        service::Nodes::Options{cluster.node.empty() ? boost::asio::ip::host_name() : cluster.node, cluster.channel,
                                cluster.heartbeat_ms, cluster.deadline_ms},
        *on.bus);
    for (const std::string& key : nodes->keys()) on.wishes->add({cluster.channel, key, true});
    std::vector<MountShared*> mounts;
    for (const auto& mount : built.mounts) {
      mount->nodes = nodes.get();
      mounts.push_back(mount.get());
    }
    node_quotas = std::make_unique<NodeQuotas>(*nodes, mounts);
    MountRegistry::answer_nodes(*nodes, mounts);
    answer_session_lists(*nodes, shards, std::move(mounts));
  }

  void bus_changed(std::uint32_t bus, bool connected) {
    for (const auto& shard : shards)
      shard->loop.post([s = shard.get(), bus, connected] {
        for (const auto& mount : s->mounts)
          if (mount->shared().bus && mount->shared().bus_number == bus) mount->bus_changed(connected);
      });
  }

  void start_buses(std::vector<std::string>& errors) {
    for (std::uint32_t i = 0; i < buses.size(); ++i) {
      if (!buses[i].plugin) continue;
      buses[i].wishes->flush();
      if (const std::string why = buses[i].plugin->start(deliver_from(i)); !why.empty())
        errors.push_back("buses." + configuration.buses[i].name + ": " + why);
    }
  }

  ~Impl() {
    stopping = true;
    stop_buses();
  }

  void stop_buses() {
    if (nodes) nodes->stop();
    for (const auto& shard : shards) shard->mailbox.wake_waiting();
    for (const auto& bus : buses)
      if (bus.plugin) bus.plugin->stop();
  }

  void make_journals() {
    for (auto& from : built.journals) {
      service::JournalOptions options;
      options.name = from.config.name;
      options.queue_bytes = from.config.queue_bytes;
      options.append_timeout_ms = from.config.append_timeout_ms;
      options.retention = {from.config.age_ms, from.config.events, from.config.bytes};
      options.readers = from.config.readers;
      journals[options.name] = std::make_unique<service::Journal>(options, std::move(from.store));
    }
  }

  void start_journals(std::vector<std::string>& errors) {
    for (const auto& [name, journal] : journals) {
      const service::JournalOutcome outcome = journal->start();
      if (outcome.status == service::JournalStatus::invalid || outcome.status == service::JournalStatus::damaged)
        errors.push_back("journals." + name + ": " + outcome.why);
    }
  }

  void make_upstreams(std::vector<std::string>& errors) {
    for (const auto& config : configuration.upstreams) {
      std::shared_ptr<net::TlsClient> tls;
      try {
        if (config.url && config.url->tls) tls = std::make_shared<net::TlsClient>(config.ca, config.verify);
      } catch (const std::exception& error) {
        errors.push_back("upstreams." + config.name + ": " + error.what());
        continue;
      }
      if (tls && !config.verify)
        base::log(base::LogLevel::warn, "the certificate of this upstream is not verified",
                  {{"upstream", config.name}});
      const auto rules = std::make_shared<const service::UpstreamRules>(config);
      for (const auto& shard : shards)
        shard->upstreams.emplace(config.name, std::make_unique<service::Upstream>(rules, shard->loop, tls));
    }
    for (const auto& shard : shards) authenticators.attach(shard->loop, shard->upstreams);
  }

  void make_authenticators(std::vector<std::string>& errors) {
    for (auto& error : authenticators.make(configuration)) errors.push_back(std::move(error));
    authenticators.watch([this](const service::Authenticator* authenticator, const service::CredentialChange& change) {
      credential_changed(authenticator, change);
    });
  }

  void credential_changed(const service::Authenticator* authenticator, const service::CredentialChange& change) {
    const CredentialHash hash = hash_of(change.credential);
    for (const auto& shard : shards)
      shard->loop.post([s = shard.get(), authenticator, hash, identity = change.identity] {
        for (const auto& mount : s->mounts)
          if (mount->shared().authenticator == authenticator) mount->credential_changed(hash, identity);
      });
  }

  void make_translator(std::vector<std::string>& errors) {
    translator = gateway::make_translator(configuration, errors);
    for (const auto& rule : translator->rules())
      if (bus::Wishes* wishes = buses[rule->bus].wishes.get())
        for (const std::string& key : rule->keys) wishes->add({rule->channel, key, !translation::is_pattern(key)});
  }

  void connect_mounts() {
    delivery.set_up(configuration.buses.size(), configuration.mailbox_bytes, translator.get());
    for (const auto& mount : built.mounts) {
      mount->home_shard = mount->number % static_cast<unsigned>(shards.size());
      for (std::uint32_t i = 0; i < configuration.buses.size(); ++i)
        if (configuration.buses[i].name == mount->config.bus) {
          mount->bus = buses[i].bus.get();
          mount->wishes = buses[i].wishes.get();
          mount->bus_number = i;
        }
      mount->authenticator = authenticators.find(mount->config.authenticator);
      if (const auto found = journals.find(mount->config.journal); found != journals.end()) {
        mount->journal = found->second.get();
        delivery.keep(mount->bus_number, mount->home_shard);
      }
    }
  }

  void make_instances(const GatewayOptions& options, bool check_only, std::vector<std::string>& errors) {
    for (const auto& mount : built.mounts)
      for (const auto& shard : shards) {
        plugin::InstanceOptions instance_options;
        instance_options.mount = mount->config.name;
        instance_options.state_directory = configuration.state_directory;
        instance_options.strict = options.strict;
        instance_options.slow_call_ms = configuration.plugins.slow_call_ms;
        shard->mounts.push_back(std::make_unique<ShardMount>(*shard, *mount, instance_options));
        std::string why = prepare_instance(*shard->mounts.back(), check_only);
        if (why.empty() && !check_only) why = shard->mounts.back()->instance().start();
        if (!why.empty()) {
          errors.push_back(std::move(why));
          break;
        }
        for (const auto& feed : shard->mounts.back()->instance().feeds()) {
          shard->feeds(mount->number).add(feed.channel, feed.pattern);
          if (mount->wishes && shard->mounts.back()->home()) mount->wishes->add({feed.channel, feed.pattern, false});
        }
      }
  }

  void make_shards(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      shards.push_back(std::make_unique<Shard>(i, configuration.mailbox_bytes));
      shards.back()->loop.adopt_thread();
    }
    for (const auto& a : shards)
      for (const auto& b : shards)
        if (a != b) a->others.push_back(b.get());
  }

  // Everything but sockets and threads.
  void configure(const config::Configuration& from, const GatewayOptions& options, std::vector<std::string>& errors) {
    configuration = from;
    built = build(configuration, options, true, errors);
    make_shards(1);
    make_buses();
    make_authenticators(errors);
    make_journals();
    make_upstreams(errors);
    make_translator(errors);
    connect_mounts();
    make_instances(options, true, errors);
    if (errors.empty()) check_translations(*translator, shards, built.buses, configuration, errors);
  }

  void open_listeners(std::vector<std::string>& errors) {
    for (const auto& listener : built.listeners) {
      try {
        open_tls(*listener);
        net::ListenSocket first = net::ListenSocket::open(listener->config.address, listener->config.backlog,
                                                          listener->config.unix_mode, 0, true);
        listener->port = first.port();
        std::vector<net::ListenSocket> sockets;
        for (std::size_t i = 1; i < shards.size(); ++i)
          sockets.push_back(first.is_unix()
                                ? first.duplicate()
                                : net::ListenSocket::open(listener->config.address, listener->config.backlog, 0,
                                                          listener->port, false));
        sockets.insert(sockets.begin(), std::move(first));
        for (std::size_t i = 0; i < shards.size(); ++i)
          shards[i]->front_doors.push_back(std::make_unique<FrontDoor>(*shards[i], *listener, std::move(sockets[i])));
      } catch (const std::exception& error) {
        errors.push_back("listeners." + listener->config.name + ": " + error.what());
      }
    }
  }

  // Runs f on every shard and waits; for set-up and shutdown.
  template <class F>
  void on_all_shards(F f) {
    std::vector<std::future<void>> done;
    for (const auto& shard : shards) {
      auto promise = std::make_shared<std::promise<void>>();
      done.push_back(promise->get_future());
      shard->loop.post([s = shard.get(), f, promise] {
        f(*s);
        promise->set_value();
      });
    }
    for (auto& d : done) d.wait();
  }

  // Sessions, and requests that are being answered.
  std::size_t open_clients() const {
    std::size_t n = 0;
    for (const auto& mount : built.mounts) n += mount->quotas.sessions();
    for (const auto& listener : built.listeners) n += listener->connections.load(std::memory_order_relaxed);
    return n;
  }
};

Gateway::Gateway(const config::Configuration& configuration, const GatewayOptions& options)
    : impl_(std::make_unique<Impl>()) {
  std::vector<std::string> errors;
  impl_->configuration = configuration;
  impl_->built = build(configuration, options, false, errors);
  if (!errors.empty()) throw StartError(joined(errors));
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  impl_->make_shards(std::min(configuration.threads ? configuration.threads : cores, 255u));
  impl_->make_buses();
  impl_->make_nodes();
  impl_->make_authenticators(errors);
  impl_->make_journals();
  impl_->make_upstreams(errors);
  impl_->make_translator(errors);
  impl_->connect_mounts();
  impl_->make_instances(options, false, errors);
  if (errors.empty()) check_translations(*impl_->translator, impl_->shards, impl_->built.buses, configuration, errors);
  if (errors.empty()) impl_->start_journals(errors);
  if (errors.empty()) impl_->open_listeners(errors);
  if (errors.empty()) impl_->start_buses(errors);
  if (!errors.empty()) throw StartError(joined(errors));
}

std::vector<std::string> Gateway::check(const config::Configuration& configuration, const GatewayOptions& options) {
  std::vector<std::string> errors;
  Impl impl;
  impl.configure(configuration, options, errors);
  // A certificate that would be made at the first start is nothing to complain of yet.
  for (const auto& listener : impl.built.listeners) {
    if (!listener->config.tls ||
        (listener->config.tls->self_signed && !std::filesystem::exists(listener->config.tls->certificate)))
      continue;
    try {
      open_tls(*listener);
    } catch (const std::exception& error) {
      errors.push_back("listeners." + listener->config.name + ".tls: " + error.what());
    }
  }
  return errors;
}

Explanation Gateway::explain(const config::Configuration& configuration, const GatewayOptions& options,
                             const std::string& bus, const event::EventPtr& event) {
  std::vector<std::string> errors;
  Impl impl;
  impl.configure(configuration, options, errors);
  if (!errors.empty()) throw StartError(joined(errors));
  return explain_event(*impl.translator, *impl.shards.front(), configuration, bus, event);
}

Gateway::~Gateway() {
  if (impl_->running) stop();
  impl_->authenticators.stop();
  // Mounts end before the buses and authenticators they point to, and before any loop they may still post to.
  for (const auto& shard : impl_->shards) {
    shard->loop.adopt_thread();
    shard->front_doors.clear();
    shard->mounts.clear();
    shard->upstreams.clear();
  }
}

void Gateway::start() {
  impl_->running = true;
  for (const auto& shard : impl_->shards) shard->run_thread();
  if (impl_->nodes) impl_->nodes->start();
  impl_->on_all_shards([this](Shard& shard) {
    if (shard.number == 0) impl_->authenticators.start(shard.loop, shard.upstreams);
  });
  impl_->on_all_shards([](Shard& shard) {
    for (const auto& door : shard.front_doors) door->start();
  });
}

bool Gateway::stop() {
  impl_->stopping = true;
  const std::int64_t deadline = base::monotonic_ms() + impl_->configuration.shutdown_timeout_ms;
  impl_->on_all_shards([](Shard& shard) {
    for (const auto& door : shard.front_doors) {
      door->stop_accepting();
      door->close_connections();
    }
  });
  impl_->on_all_shards([](Shard& shard) {
    for (const auto& mount : shard.mounts) mount->instance().stop();
    for (const auto& mount : shard.mounts) mount->close_all();
  });
  while (impl_->open_clients() && base::monotonic_ms() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const bool in_time = !impl_->open_clients();
  // What was accepted goes on to the journals, and their answers to the shards.
  impl_->on_all_shards([](Shard& shard) { shard.read_mailbox(); });
  impl_->stop_buses();
  bool stored = true;
  for (const auto& entry : impl_->journals) {
    const std::int64_t rest = std::max<std::int64_t>(deadline - base::monotonic_ms(), 500);
    if (!entry.second->stop(static_cast<std::uint32_t>(rest))) stored = false;
  }
  for (const auto& shard : impl_->shards) shard->loop.stop();
  for (const auto& shard : impl_->shards) shard->join();
  // The shards' threads are gone: what is left ends here, on behalf of each of them.
  for (const auto& shard : impl_->shards) {
    shard->loop.adopt_thread();
    shard->mailbox.discard();
    for (const auto& mount : shard->mounts) mount->abort_all();
    shard->loop.finish();
  }
  impl_->running = false;
  return in_time && stored;
}

bus::Bus* Gateway::find_bus(const std::string& name) {
  const auto& buses = impl_->buses;
  if (name.empty()) return buses.size() == 1 ? buses.front().bus.get() : nullptr;
  for (std::size_t i = 0; i < buses.size(); ++i)
    if (impl_->configuration.buses[i].name == name) return buses[i].bus.get();
  return nullptr;
}

service::StaticAuthenticator* Gateway::find_static_authenticator(const std::string& name) {
  return impl_->authenticators.find_static(name);
}

bool Gateway::sessions(const std::string& mount, std::size_t most, SessionsDone done) {
  if (!impl_->running || impl_->stopping) return false;
  std::size_t number = 0;
  while (number < impl_->built.mounts.size() && impl_->built.mounts[number]->config.name != mount) ++number;
  if (number == impl_->built.mounts.size()) return false;
  list_sessions(impl_->shards, *impl_->built.mounts[number], impl_->nodes.get(), most, std::move(done));
  return true;
}

Readiness Gateway::readiness() const {
  Readiness r;
  r.ready = impl_->running && !impl_->stopping;
  if (impl_->stopping)
    r.reasons.push_back("shutting down");
  else if (!impl_->running)
    r.reasons.push_back("not started");
  // Neither is a reason to send clients elsewhere: the other gateways have the same broker, those who are here keep
  // their sessions, what is kept already can still be read, and publishers are told.
  for (std::size_t i = 0; i < impl_->buses.size(); ++i)
    if (!impl_->buses[i].bus->connected())
      r.reasons.push_back("bus " + impl_->configuration.buses[i].name + " is not connected");
  for (const auto& [name, journal] : impl_->journals)
    if (const auto trouble = journal->trouble()) r.reasons.push_back("journal " + name + " cannot store: " + *trouble);
  for (auto& reason : impl_->authenticators.troubles()) r.reasons.push_back(std::move(reason));
  return r;
}

std::vector<service::MetricFamily> Gateway::metrics() const {
  std::vector<const service::Journal*> journals;
  for (const auto& entry : impl_->journals) journals.push_back(entry.second.get());
  std::vector<const plugin::BusInstance*> buses;
  for (const auto& bus : impl_->buses)
    if (bus.plugin) buses.push_back(bus.plugin);
  return gather_metrics(impl_->shards, journals, buses, impl_->authenticators, impl_->nodes.get(), *impl_->translator);
}

std::map<std::string, unsigned> Gateway::ports() const {
  std::map<std::string, unsigned> ports;
  for (const auto& listener : impl_->built.listeners) ports[listener->config.name] = listener->port;
  return ports;
}

}  // namespace dragoman::gateway
