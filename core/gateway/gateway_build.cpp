// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "base/log.hpp"
#include "gateway/gateway_impl.hpp"
#include "gateway/translations.hpp"

namespace dragoman::gateway {
namespace {

using config::Change;

std::shared_ptr<const net::TlsContext> open_tls(const config::TlsConfig& tls) {
  if (tls.self_signed && net::ensure_self_signed(tls.certificate, tls.key))
    base::log(base::LogLevel::info, "made a self-signed certificate", {{"file", tls.certificate}});
  return std::make_shared<net::TlsContext>(tls.certificate, tls.key, tls.minimum_version);
}

}  // namespace

void Gateway::Impl::make_shards(const config::Configuration& configuration, unsigned count) {
  delivery.set_up(configuration.mailbox_bytes);
  for (unsigned i = 0; i < count; ++i) {
    shards.push_back(std::make_unique<Shard>(i, configuration.mailbox_bytes));
    shards.back()->loop.adopt_thread();
  }
  for (const auto& a : shards)
    for (const auto& b : shards)
      if (a != b) a->others.push_back(b.get());
}

void Gateway::Impl::build(Building& building) {
  Builder builder(building.configuration, plugin_directories(building.configuration, options), building.check_only,
                  building.errors);
  building.next.configuration = building.configuration;
  make_buses(building, builder);
  if (!nodes && !building.check_only) make_nodes(building);
  make_journals(building, builder);
  make_upstreams(building);
  make_authenticators(building);
  make_mounts(building, builder);
  make_translations(building);
  if (building.with_listeners) make_listeners(building);
}

void Gateway::Impl::make_journals(Building& building, Builder& builder) {
  for (const auto& config : building.configuration.journals) {
    const PluginPtr file = builder.find(config.plugin, "journals." + config.name, Role::journal);
    if (!file) continue;
    const auto before = find_named(world.journals, config.name);
    if (before) {
      building.next.journals.push_back(before);
      building.report.entries.push_back({"journal", config.name, "kept", 0, before->file == file ? "" : after_restart});
      continue;
    }
    const auto uses = [&](const RunningMount& mount) {
      return mount.journal && name_of(*mount.journal) == config.name;
    };
    std::int64_t until = 0;
    for (const auto& mount : retiring.mounts)
      if (uses(*mount)) until = std::max(until, mount->bus->lives_until_ms);
    while (find_named(retiring.journals, config.name) && sweep_idle(until, uses)) continue;
    if (find_named(retiring.journals, config.name)) {
      building.errors.push_back("journals." + config.name +
                                ": sessions of before the latest reload still use the journal of this name; try again "
                                "when they have ended");
      continue;
    }
    auto store = builder.journal(config, file);
    if (!store) continue;
    building.report.entries.push_back({"journal", config.name, "added", 0, {}});
    service::JournalOptions journal;
    journal.name = config.name;
    journal.queue_bytes = config.queue_bytes;
    journal.append_timeout_ms = config.append_timeout_ms;
    journal.retention = {config.age_ms, config.events, config.bytes};
    journal.readers = config.readers;
    auto made = std::make_shared<RunningJournal>();
    made->config = config;
    made->file = file;
    made->journal = std::make_unique<service::Journal>(journal, std::move(store));
    building.added.journals.push_back(made);
    building.next.journals.push_back(std::move(made));
  }
  report_removed(building.report, "journal", building.difference.journals);
}

void Gateway::Impl::make_upstreams(Building& building) {
  for (const auto& config : building.configuration.upstreams) {
    const Change change = building.difference.upstreams[config.name];
    building.report.entries.push_back({"upstream", config.name, config::name(change), 0, {}});
    if (change == Change::kept) {
      building.next.upstreams.push_back(find_named(world.upstreams, config.name));
      continue;
    }
    std::shared_ptr<net::TlsClient> tls;
    try {
      if (config.url && config.url->tls) tls = std::make_shared<net::TlsClient>(config.ca, config.verify);
    } catch (const std::exception& error) {
      building.errors.push_back(located(building.configuration, "upstreams." + config.name, error.what()));
      continue;
    }
    if (tls && !config.verify)
      base::log(base::LogLevel::warn, "the certificate of this upstream is not verified", {{"upstream", config.name}});
    const auto rules = std::make_shared<const service::UpstreamRules>(config);
    auto made = std::make_shared<RunningUpstream>();
    made->config = config;
    for (const auto& shard : shards)
      made->on_shard.push_back(std::make_shared<service::Upstream>(rules, shard->loop, tls));
    building.added.upstreams.push_back(made);
    building.next.upstreams.push_back(std::move(made));
  }
  report_removed(building.report, "upstream", building.difference.upstreams);
  // Mounts that are made now may look for what is new.
  for (std::size_t i = 0; i < shards.size(); ++i)
    on_shard(*shards[i], [&] {
      for (const auto& upstream : building.added.upstreams)
        shards[i]->upstreams.emplace(upstream->config.name, upstream->on_shard[i]);
    });
}

Upstreams Gateway::Impl::upstreams_of(const World& world, std::size_t shard) {
  Upstreams out;
  for (const auto& upstream : world.upstreams) out.emplace(upstream->config.name, upstream->on_shard[shard]);
  return out;
}

void Gateway::Impl::make_authenticators(Building& building) {
  for (const auto& config : building.configuration.authenticators) {
    const Change change = building.difference.authenticators[config.name];
    if (change == Change::kept) {
      const auto before = find_named(world.authenticators, config.name);
      building.next.authenticators.push_back(before);
      building.report.entries.push_back(
          {"authenticator", config.name, before->config == config ? "kept" : "changed", 0, {}});
      continue;
    }
    building.report.entries.push_back({"authenticator", config.name, config::name(change), 0, {}});
    auto made = std::make_shared<RunningAuthenticator>();
    made->config = config;
    made->authenticator = std::make_unique<ConfiguredAuthenticator>(config, building.configuration, building.errors);
    made->upstreams = building.next.upstreams;
    made->authenticator->watch(
        [this](const service::Authenticator* authenticator, const service::CredentialChange& changed) {
          credential_changed(authenticator, changed);
        });
    for (std::size_t i = 0; i < shards.size(); ++i)
      made->authenticator->attach(shards[i]->loop, upstreams_of(building.next, i));
    building.added.authenticators.push_back(made);
    building.next.authenticators.push_back(std::move(made));
  }
  report_removed(building.report, "authenticator", building.difference.authenticators);
}

void Gateway::Impl::make_mounts(Building& building, Builder& builder) {
  for (const auto& config : building.configuration.mounts) {
    const PluginPtr file = builder.find(config.plugin, "mounts." + config.name, Role::dialect);
    const auto bus = find_named(building.next.buses, config.bus);
    if (!file) continue;
    auto before = find_named(world.mounts, config.name);
    const Change change = building.difference.mounts[config.name];
    const bool replaced = change == Change::kept && (before->shared.plugin != file || before->bus != bus);
    if (change == Change::kept && !replaced) {
      building.next.mounts.push_back(before);
      building.report.entries.push_back({"mount", config.name, "kept", before->shared.quotas.sessions(), {}});
      continue;
    }
    auto made = std::make_shared<RunningMount>();
    MountShared& shared = made->shared;
    shared.number = last_mount++;
    if (!before) before = find_named(retiring.mounts, config.name);
    shared.common = before ? before->shared.common : std::make_shared<MountGenerations>();
    shared.common->add(shared.registry);
    if (!builder.mount(shared, config, file) || !bus || !bus->bus) continue;
    if (before) shared.quotas.share(before->shared.quotas);
    building.report.entries.push_back({"mount", config.name, replaced ? "upgraded" : config::name(change),
                                       before ? before->shared.quotas.sessions() : 0,
                                       replaced ? "plugin version " + file->version : ""});
    shared.home_shard = shared.number % static_cast<unsigned>(shards.size());
    shared.nodes = nodes.get();
    made->bus = bus;
    shared.bus = bus->bus.get();
    shared.wishes = bus->wishes.get();
    shared.bus_number = bus->address->number;
    if ((made->authenticator = find_named(building.next.authenticators, config.authenticator)))
      shared.authenticator = &made->authenticator->authenticator->service();
    if ((made->journal = find_named(building.next.journals, config.journal))) {
      shared.journal = made->journal->journal.get();
      bus->address->keeps[shared.home_shard] = true;
    }
    building.added.mounts.push_back(made);
    make_instances(building, *made);
    building.next.mounts.push_back(std::move(made));
  }
  for (const auto& mount : world.mounts)
    if (building.difference.mounts[name_of(*mount)] == Change::removed)
      building.report.entries.push_back(
          {"mount", name_of(*mount), config::name(Change::removed), mount->shared.quotas.sessions(), {}});
}

void Gateway::Impl::make_instances(Building& building, RunningMount& mount) {
  plugin::InstanceOptions instance;
  instance.mount = name_of(mount);
  instance.state_directory = building.configuration.state_directory;
  instance.strict = options.strict;
  instance.slow_call_ms = building.configuration.plugins.slow_call_ms;
  for (const auto& shard : shards) {
    std::string why;
    on_shard(*shard, [&] {
      mount.on_shard.push_back(std::make_unique<ShardMount>(*shard, mount.shared, shard->upstreams, instance));
      ShardMount& made = *mount.on_shard.back();
      why = prepare_instance(made, building.check_only);
      if (why.empty() && !building.check_only) why = made.instance().start();
      if (!why.empty()) return;
      for (const auto& feed : made.instance().feeds()) {
        shard->feeds(mount.shared.number).add(feed.channel, feed.pattern);
        if (mount.shared.wishes && made.home()) mount.wishes.push_back({feed.channel, feed.pattern, false});
      }
    });
    if (why.empty()) continue;
    building.errors.push_back(located(building.configuration, "mounts." + name_of(mount), why));
    return;
  }
}

void Gateway::Impl::make_listeners(Building& building) {
  const auto& before_names = building.difference.listeners_before;
  const auto stays = [&](const std::string& name) {
    return std::any_of(before_names.begin(), before_names.end(), [&](const auto& one) { return one.second == name; });
  };
  for (const auto& config : building.configuration.listeners) {
    auto settings = Builder::listener(config);
    add_routes(*settings, building.next);
    // A certificate that would be made at the first start is nothing to complain of yet.
    const bool later = building.check_only && config.tls && config.tls->self_signed &&
                       !std::filesystem::exists(config.tls->certificate);
    try {
      if (config.tls && !later) settings->tls = open_tls(*config.tls);
    } catch (const std::exception& error) {
      building.errors.push_back(located(building.configuration, "listeners." + config.name + ".tls", error.what()));
    }
    building.settings.push_back(settings);
    if (const auto kept = before_names.find(config.name); kept != before_names.end()) {
      const auto before = find_named(world.listeners, kept->second);
      building.next.listeners.push_back(before);
      const bool same = before->settings->config == config;
      building.report.entries.push_back({"listener", config.name, same ? "kept" : "changed", before->shared.connections,
                                         same                          ? ""
                                         : kept->second == config.name ? "for new connections"
                                                                       : "it was called " + kept->second});
      continue;
    }
    const auto before = find_named(world.listeners, config.name);
    building.report.entries.push_back(
        {"listener", config.name, config::name(building.difference.listeners[config.name]),
         before && !stays(name_of(*before)) ? before->shared.connections.load() : 0, before ? "another address" : ""});
    auto made = std::make_shared<RunningListener>();
    made->shared.number = last_listener++;
    made->settings = settings;
    building.added.listeners.push_back(made);
    building.next.listeners.push_back(std::move(made));
  }
  for (const auto& listener : world.listeners) {
    const std::string& name = name_of(*listener);
    if (!stays(name) && building.difference.listeners[name] != Change::changed)
      building.report.entries.push_back(
          {"listener", name, config::name(Change::removed), listener->shared.connections, {}});
  }
}

void Gateway::Impl::start_journals(Building& building) {
  for (const auto& journal : building.added.journals) {
    const service::JournalOutcome outcome = journal->journal->start();
    journal->started =
        outcome.status != service::JournalStatus::invalid && outcome.status != service::JournalStatus::damaged;
    if (!journal->started) building.errors.push_back("journals." + journal->config.name + ": " + outcome.why);
  }
}

void Gateway::Impl::open_listeners(Building& building) {
  for (const auto& listener : building.added.listeners) {
    const config::ListenerConfig& config = listener->settings->config;
    try {
      net::ListenSocket first = net::ListenSocket::open(config.address, config.backlog, config.unix_mode, 0, true);
      listener->shared.port = first.port();
      std::vector<net::ListenSocket> sockets;
      for (std::size_t i = 1; i < shards.size(); ++i)
        sockets.push_back(
            first.is_unix() ? first.duplicate()
                            : net::ListenSocket::open(config.address, config.backlog, 0, listener->shared.port, false));
      sockets.insert(sockets.begin(), std::move(first));
      for (std::size_t i = 0; i < shards.size(); ++i)
        on_shard(*shards[i], [&] {
          listener->on_shard.push_back(
              std::make_unique<FrontDoor>(*shards[i], listener->shared, listener->settings, std::move(sockets[i])));
        });
    } catch (const std::exception& error) {
      building.errors.push_back("listeners." + config.name + ": " + error.what());
    }
  }
}

void Gateway::Impl::install_mounts(Building& building) {
  for (std::size_t i = 0; i < shards.size(); ++i)
    on_shard(*shards[i], [&] {
      for (const auto& mount : building.added.mounts) shards[i]->mounts.push_back(mount->on_shard[i].get());
    });
  for (const auto& mount : building.added.mounts)
    for (const auto& wish : mount->wishes) mount->bus->wishes->add(wish);
  for (const auto& translations : building.added.translations)
    each_wish(*translations, building.next.buses, [](bus::Wishes& wishes, const bus::Wish& wish) { wishes.add(wish); });
  building.installed = true;
  for (const auto& bus : building.next.buses)
    if (bus->wishes) bus->wishes->flush();
}

}  // namespace dragoman::gateway
