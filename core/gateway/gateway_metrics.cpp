// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway_metrics.hpp"

#include "base/log.hpp"

namespace dragoman::gateway {
namespace {

using Kind = service::MetricFamily::Kind;
using Labels = Families::Labels;

void add_mount(Families& out, ShardMount& mount) {
  const std::string& name = mount.shared().config.name;
  const Labels labels{{"mount", name}};
  const auto& c = mount.counters;
  out.add("dragoman_sessions_open", "Sessions that are open", Kind::gauge, labels, c.open.value());
  out.add("dragoman_sessions_opened_total", "Sessions opened", Kind::counter, labels, c.opened.value());
  out.add("dragoman_messages_received_total", "Messages from clients", Kind::counter, labels, c.messages_in.value());
  out.add("dragoman_message_bytes_received_total", "Bytes of messages from clients", Kind::counter, labels,
          c.bytes_in.value());
  out.add("dragoman_replies_total", "Messages that a dialect sent to one session", Kind::counter, labels,
          c.replies_out.value());
  out.add("dragoman_deliveries_total", "Events queued for a session", Kind::counter, labels, c.deliveries.value());
  out.add("dragoman_bytes_sent_total", "Bytes written to clients of this mount, framing included", Kind::counter,
          labels, c.bytes_out.value());
  out.add("dragoman_encode_errors_total", "Events that a dialect could not encode", Kind::counter, labels,
          mount.encode_errors.value());
  // Kept for all shards together.
  if (mount.home())
    for (std::size_t i = 0; i < static_cast<std::size_t>(service::Quota::count); ++i) {
      const auto quota = static_cast<service::Quota>(i);
      out.add("dragoman_limit_refusals_total", "Sessions and messages refused since a limit of the mount was reached",
              Kind::counter, {{"mount", name}, {"limit", service::name(quota)}},
              static_cast<double>(mount.shared().quotas.refusals(quota)));
    }
  for (std::size_t i = 0; i < c.drops.size(); ++i)
    out.add("dragoman_drops_total", "Events not delivered to a session", Kind::counter,
            {{"mount", name}, {"reason", transport::name(static_cast<transport::Drop>(i))}}, c.drops[i].value());
  for (std::size_t i = 0; i < c.ends.size(); ++i)
    out.add("dragoman_sessions_ended_total", "Sessions ended", Kind::counter,
            {{"mount", name}, {"reason", transport::name(static_cast<transport::End>(i))}}, c.ends[i].value());

  plugin::Instance& instance = mount.instance();
  for (std::size_t i = 1; i < plugin::hook_count; ++i) {
    const auto hook = static_cast<plugin::Hook>(i);
    const auto& h = instance.hook(hook);
    const Labels by_hook{{"mount", name}, {"hook", plugin::hook_name(hook)}};
    out.add("dragoman_plugin_calls_total", "Calls into a plugin", Kind::counter, by_hook, h.calls.value());
    out.add("dragoman_plugin_errors_total", "Calls into a plugin that failed", Kind::counter, by_hook,
            h.errors.value());
    out.add("dragoman_plugin_slow_calls_total", "Calls into a plugin that took too long", Kind::counter, by_hook,
            h.slow.value());
  }
  out.add("dragoman_plugin_violations_total", "Breaches of the plugin contract", Kind::counter, labels,
          instance.violations());
  for (const auto& counter : instance.counters()) {
    std::string plugin = instance.plugin().name;
    for (char& ch : plugin)
      if (ch == '-') ch = '_';
    out.add("dragoman_plugin_" + plugin + "_" + counter->name + "_total", counter->help, Kind::counter, labels,
            counter->value.value());
  }
}

void add_listener(Families& out, const std::string& name, const FrontDoor& door) {
  const Labels labels{{"listener", name}};
  const auto& c = door.counters;
  out.add("dragoman_connections_accepted_total", "Connections accepted", Kind::counter, labels, c.accepted.value());
  out.add("dragoman_http_requests_total", "HTTP requests", Kind::counter, labels, c.http_requests.value());
  out.add("dragoman_upgrades_total", "Requests that became a session", Kind::counter, labels, c.upgrades.value());
  const auto refused = [&](const char* reason, const base::Counter& n) {
    out.add("dragoman_refused_total", "Connections and requests refused", Kind::counter,
            {{"listener", name}, {"reason", reason}}, n.value());
  };
  refused("listener_full", c.refused_full);
  refused("proxy", c.refused_proxy);
  refused("mount_full", c.refused_mount_full);
  refused("origin", c.refused_origin);
  refused("handshake", c.refused_handshake);
  refused("not_found", c.not_found);
  refused("method", c.refused_method);
}

void add_upstream(Families& out, const service::Upstream& upstream) {
  const Labels labels{{"upstream", upstream.name()}};
  for (std::size_t i = 0; i < service::upstream_outcomes; ++i) {
    const auto outcome = static_cast<service::UpstreamOutcome>(i);
    out.add("dragoman_upstream_requests_total", "Requests to an upstream", Kind::counter,
            {{"upstream", upstream.name()}, {"outcome", service::name(outcome)}}, upstream.count(outcome).value());
  }
  out.add("dragoman_upstream_request_seconds_total", "Time from requests to their answers or failures", Kind::counter,
          labels, static_cast<double>(upstream.milliseconds().value()) / 1000);
  const net::HttpClientCounters* c = upstream.connections();
  if (!c) return;
  out.add("dragoman_upstream_connections_open", "Connections to an upstream", Kind::gauge, labels,
          c->connections.value());
  out.add("dragoman_upstream_connected_total", "Connections made to an upstream", Kind::counter, labels,
          c->connected.value());
  out.add("dragoman_upstream_reused_total", "Requests on a connection that was kept", Kind::counter, labels,
          c->reused.value());
  out.add("dragoman_upstream_repeated_total", "Requests sent again since a kept connection was closed", Kind::counter,
          labels, c->repeated.value());
}

void add_journal(Families& out, const service::Journal& journal) {
  const Labels labels{{"journal", journal.name()}};
  const service::JournalFigures f = journal.figures();
  const auto gauge = [&](const char* name, const char* help, double value) {
    out.add(name, help, Kind::gauge, labels, value);
  };
  const auto counter = [&](const char* name, const char* help, double value) {
    out.add(name, help, Kind::counter, labels, value);
  };
  gauge("dragoman_journal_up", "1 while the journal can store", f.up ? 1 : 0);
  gauge("dragoman_journal_queue_records", "Records that wait to be stored", static_cast<double>(f.queue_records));
  gauge("dragoman_journal_queue_bytes", "Bytes that wait to be stored", static_cast<double>(f.queue_bytes));
  gauge("dragoman_journal_lag_seconds", "Age of the oldest record that waits", static_cast<double>(f.lag_ms) / 1000);
  gauge("dragoman_journal_records", "Records stored", static_cast<double>(f.records));
  gauge("dragoman_journal_bytes", "Bytes of the bodies of stored records", static_cast<double>(f.bytes));
  counter("dragoman_journal_appended_total", "Records stored", static_cast<double>(f.appended));
  counter("dragoman_journal_duplicates_total", "Records that were there already", static_cast<double>(f.duplicates));
  counter("dragoman_journal_append_errors_total", "Records that could not be stored",
          static_cast<double>(f.failed_appends));
  counter("dragoman_journal_commits_total", "Commits", static_cast<double>(f.commits));
  counter("dragoman_journal_commit_errors_total", "Commits that failed", static_cast<double>(f.failed_commits));
  counter("dragoman_journal_commit_seconds_total", "Time spent in commits", static_cast<double>(f.commit_us) / 1e6);
  counter("dragoman_journal_reads_total", "Reads", static_cast<double>(f.reads));
  counter("dragoman_journal_read_errors_total", "Reads that failed", static_cast<double>(f.failed_reads));
  counter("dragoman_journal_read_seconds_total", "Time spent in reads", static_cast<double>(f.read_us) / 1e6);
  counter("dragoman_journal_trimmed_total", "Records removed by retention", static_cast<double>(f.trimmed));
}

void add_bus(Families& out, const plugin::BusInstance& bus) {
  const Labels labels{{"bus", bus.name()}};
  const auto& c = bus.counters();
  const auto counter = [&](const char* name, const char* help, const std::atomic<std::uint64_t>& n) {
    out.add(name, help, Kind::counter, labels, static_cast<double>(n.load(std::memory_order_relaxed)));
  };
  out.add("dragoman_bus_connected", "Whether the broker is there", Kind::gauge, labels, bus.connected() ? 1.0 : 0.0);
  counter("dragoman_bus_connections_total", "Connections made to the broker", c.connections);
  counter("dragoman_bus_events_total", "Events that came from the broker", c.delivered);
  counter("dragoman_bus_refused_total", "Events from the broker that the gateway did not take", c.refused);
  counter("dragoman_bus_published_total", "Events that the broker has taken", c.published);
  counter("dragoman_bus_publish_errors_total", "Events that the broker has not taken", c.failed);
}

void add_rule(Families& out, const translation::Rule& rule) {
  const Labels labels{{"translation", rule.name}};
  out.add("dragoman_translation_matches_total", "Events that a translation took", Kind::counter, labels,
          rule.matched.value());
  out.add("dragoman_translation_events_total", "Events that a translation made", Kind::counter, labels,
          rule.emitted.value());
  using translation::Outcome;
  for (const Outcome outcome : {Outcome::missing, Outcome::invalid, Outcome::too_large, Outcome::too_many})
    out.add("dragoman_translation_drops_total", "Events that a translation could not make", Kind::counter,
            {{"translation", rule.name}, {"reason", translation::name(outcome)}},
            rule.dropped[static_cast<std::size_t>(outcome)].value());
}

void add_authentications(Families& out, const std::string& name, const service::Authenticator& authenticator) {
  for (const auto& [outcome, count] : authenticator.counts())
    out.add("dragoman_authentications_total", "Credentials by what became of them", Kind::counter,
            {{"authenticator", name}, {"outcome", outcome}}, count);
}

void add_token_keys(Families& out, const service::JwtAuthenticator& authenticator) {
  for (const auto& f : authenticator.key_figures()) {
    const Labels labels{{"authenticator", authenticator.name()}, {"source", f.source}};
    out.add("dragoman_token_keys", "Keys from a file or a server", Kind::gauge, labels, std::uint64_t{f.keys});
    if (f.age_ms >= 0)
      out.add("dragoman_token_keys_age_seconds", "Time since the keys were last read or fetched", Kind::gauge, labels,
              static_cast<double>(f.age_ms) / 1000);
    out.add("dragoman_token_keys_refreshes_total", "Times that keys were read or fetched", Kind::counter, labels,
            f.refreshes);
    out.add("dragoman_token_keys_refresh_failures_total", "Times that keys could not be read or fetched", Kind::counter,
            labels, f.failures);
  }
}

void add_token_checks(Families& out, const service::HttpAuthenticator& authenticator) {
  const service::HttpAuthFigures f = authenticator.figures();
  const Labels labels{{"authenticator", authenticator.name()}};
  const auto checks = [&](const char* outcome, std::uint64_t n) {
    out.add("dragoman_token_checks_total", "Requests about tokens by what they said", Kind::counter,
            {{"authenticator", authenticator.name()}, {"outcome", outcome}}, n);
  };
  checks("accepted", f.accepted);
  checks("denied", f.denied);
  checks("failed", f.failed);
  out.add("dragoman_tokens_known", "Tokens that are remembered or that sessions live by", Kind::gauge, labels,
          f.tokens);
  out.add("dragoman_tokens_revoked_total", "Tokens that were refused while sessions lived by them", Kind::counter,
          labels, f.revoked);
}

void add_authenticator(Families& out, const RunningAuthenticator& running) {
  const ConfiguredAuthenticator& authenticator = *running.authenticator;
  add_authentications(out, running.config.name, authenticator.service());
  if (authenticator.as_jwt()) add_token_keys(out, *authenticator.as_jwt());
  if (authenticator.as_http()) add_token_checks(out, *authenticator.as_http());
}

void add_translations(Families& out, const translation::Translator& translator) {
  for (const auto& rule : translator.rules()) add_rule(out, *rule);
  for (const auto& [bus, count] : translator.unreadable())
    out.add("dragoman_translation_unreadable_total", "Events whose body a translation asked for and could not read",
            Kind::counter, {{"bus", bus}}, count);
}

void add_world(Families& out, const World& world) {
  for (const auto& mount : world.mounts)
    for (const auto& on_shard : mount->on_shard) add_mount(out, *on_shard);
  for (const auto& upstream : world.upstreams)
    for (const auto& on_shard : upstream->on_shard)
      if (on_shard) add_upstream(out, *on_shard);
  for (const auto& listener : world.listeners)
    for (const auto& on_shard : listener->on_shard) add_listener(out, name_of(*listener), *on_shard);
  for (const auto& journal : world.journals) add_journal(out, *journal->journal);
  for (const auto& bus : world.buses)
    if (bus->plugin) add_bus(out, *bus->plugin);
  for (const auto& authenticator : world.authenticators) add_authenticator(out, *authenticator);
  for (const auto& translations : world.translations) add_translations(out, *translations->translator);
}

}  // namespace

void Families::add(const std::string& name, const std::string& help, Kind kind, const Labels& labels, double value) {
  auto [at, made] = families_.try_emplace(name);
  if (made) at->second = {help, kind, {}};
  at->second.samples[labels].value += value;
}

void Families::add(const std::string& name, const std::string& help, const Labels& labels,
                   const base::Histogram& histogram) {
  auto [at, made] = families_.try_emplace(name);
  if (made) at->second = {help, Kind::histogram, {}};
  service::MetricSample sample{labels, histogram.seconds(), {}, 0};
  for (std::size_t i = 0; i <= histogram.bounds.size(); ++i) {
    sample.count += histogram.count(i);
    if (i < histogram.bounds.size()) sample.buckets.emplace_back(histogram.bounds[i], sample.count);
  }
  at->second.samples.emplace(labels, std::move(sample));
}

void Families::add_counters(const Families& other) {
  for (const auto& [name, family] : other.families_)
    if (family.kind == Kind::counter)
      for (const auto& [labels, sample] : family.samples) add(name, family.help, family.kind, labels, sample.value);
}

std::vector<service::MetricFamily> Families::take() const {
  std::vector<service::MetricFamily> out;
  for (const auto& [name, family] : families_) {
    service::MetricFamily f{name, family.help, family.kind, {}};
    for (const auto& [labels, sample] : family.samples) {
      f.samples.push_back(sample);
      f.samples.back().labels = labels;
    }
    out.push_back(std::move(f));
  }
  return out;
}

void PastMetrics::add(const World& ended) {
  Families last;
  add_world(last, ended);
  families.add_counters(last);
}

std::vector<service::MetricFamily> gather_metrics(const World& world, const World& retiring, const PastMetrics& past,
                                                  const Shards& shards, const service::Nodes* nodes) {
  Families out;
  out.add_counters(past.families);
  add_world(out, world);
  // Of what is gone from the configuration only sessions and connections are still there to be seen.
  World clients;
  clients.mounts = retiring.mounts;
  clients.listeners = retiring.listeners;
  add_world(out, clients);
  Families served;
  World services = retiring;
  services.mounts.clear();
  services.listeners.clear();
  add_world(served, services);
  out.add_counters(served);
  for (const auto& mount : retiring.mounts)
    for (const auto& on_shard : mount->on_shard)
      out.add("dragoman_sessions_draining", "Sessions of a mount as it was before a reload", Kind::gauge,
              {{"mount", name_of(*mount)}, {"generation", std::to_string(mount->shared.number)}},
              on_shard->counters.open.value());
  for (const auto& shard : shards) {
    out.add("dragoman_mailbox_bytes", "Bytes of events on their way to a shard", Kind::gauge,
            {{"shard", std::to_string(shard->number)}}, shard->mailbox.bytes());
    out.add("dragoman_event_delay_seconds",
            "From when the oldest event of a turn came to a shard until the turn's events were written to its clients",
            {{"shard", std::to_string(shard->number)}}, shard->event_delay);
  }
  if (nodes) {
    out.add("dragoman_cluster_nodes", "Other gateways that are there", Kind::gauge, {}, std::uint64_t{nodes->count()});
    out.add("dragoman_cluster_refused_total", "Messages of other gateways that were not understood or too many",
            Kind::counter, {}, nodes->refused());
  }
  for (const auto& [result, count] : {std::pair("done", past.reloads), std::pair("refused", past.refused)})
    out.add("dragoman_reloads_total", "Reloads of the configuration", Kind::counter, {{"result", result}}, count);
  out.add("dragoman_log_lines_dropped_total", "Log lines that could not be written in time", Kind::counter, {},
          base::log_dropped());
  return out.take();
}

}  // namespace dragoman::gateway
