// SPDX-License-Identifier: Apache-2.0
// The inside of the gateway: what its parts share. The world changes on the control thread only, which sets up before
// start() and runs `control` after it; whoever reads it on another thread does so with `lists`.
#pragma once
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/difference.hpp"
#include "gateway/builder.hpp"
#include "gateway/delivery.hpp"
#include "gateway/gateway.hpp"
#include "gateway/gateway_metrics.hpp"
#include "gateway/node_quotas.hpp"
#include "gateway/running.hpp"

namespace dragoman::gateway {

constexpr const char* after_restart = "its plugin has another file now, which is used after a restart";

struct Gateway::Impl {
  explicit Impl(GatewayOptions o) : options(std::move(o)) {}
  ~Impl();

  const GatewayOptions options;
  // Null: this gateway is alone. Both outlive who may still call them, and are stopped before.
  std::unique_ptr<service::Nodes> nodes;
  std::unique_ptr<NodeQuotas> node_quotas;
  std::uint32_t nodes_bus = 0;  // the number of its bus
  std::vector<std::unique_ptr<Shard>> shards;

  mutable std::mutex lists;
  World world;
  World retiring;  // what is no longer configured, until nobody uses it
  PastMetrics past;
  std::atomic<bool> running{false}, stopping{false};
  Delivery delivery{shards, stopping};

  net::Loop control;
  std::thread control_thread;
  base::Timer sweep_timer{[](void* self) { static_cast<Impl*>(self)->sweep(); }, this};
  std::uint32_t last_bus = 0, last_mount = 0, last_listener = 0;

  // ---- gateway_build.cpp: another world, of this one and what is new
  struct Building {
    Building(const config::Configuration& c, bool check, std::vector<std::string>& e, config::Difference d)
        : configuration(c), check_only(check), errors(e), difference(std::move(d)) {}
    const config::Configuration& configuration;
    bool check_only;
    std::vector<std::string>& errors;
    config::Difference difference;
    ReloadReport report;
    World next;
    Parts added;                                // of next, what is new
    std::vector<ListenerSettingsPtr> settings;  // of next.listeners
    bool installed = false;
    bool with_listeners = true;  // they need certificates
  };
  void make_shards(const config::Configuration& configuration, unsigned count);
  // Builds for check and explain. Calls `at`, which throws nothing, if all is well.
  static void look(const config::Configuration& configuration, const GatewayOptions& options,
                   std::vector<std::string>& errors, bool with_listeners, const std::function<void(const World&)>& at);
  void make_nodes(Building& building);
  // Everything but sockets and threads.
  void build(Building& building);
  void make_journals(Building& building, Builder& builder);
  void make_upstreams(Building& building);
  void make_authenticators(Building& building);
  void make_mounts(Building& building, Builder& builder);
  void make_instances(Building& building, RunningMount& mount);
  void make_listeners(Building& building);
  void start_journals(Building& building);
  void open_listeners(Building& building);
  // From here on the shards have the new mounts, and the buses hear of the wishes of all that is new.
  void install_mounts(Building& building);
  // Of a shard, as the next world has them.
  static Upstreams upstreams_of(const World& world, std::size_t shard);

  // ---- gateway_buses.cpp
  void make_buses(Building& building, Builder& builder);
  // The setting by which a broker would take this bus for one that runs and is to go, and that one; null: none.
  struct Claim {
    const std::string* setting = nullptr;
    const RunningBus* by = nullptr;
  };
  Claim claimed_setting(const Building& building, const RunningBus& bus) const;
  void start_buses(Building& building);
  // Until those that are new are connected, for a while: so nothing is missed, and no publisher refused, in between.
  // It is wrong if one is not that takes the place of one that is.
  void await_buses(Building& building);

  // ---- gateway_translations.cpp
  void make_translations(Building& building);
  void forget_wishes(const RunningTranslations& translations);

  // ---- gateway_events.cpp: what buses and authenticators say
  using Delivered = bus::Bus::Delivered;
  Delivered deliver(const RunningBus& bus, const event::Batch& batch, const event::ReceiptPtr& receipt, bool wait);
  bus::Bus::Deliver deliver_from(const RunningBus& bus);
  void bus_changed(std::uint32_t bus, bool connected);
  void credential_changed(const service::Authenticator* authenticator, const service::CredentialChange& change);

  // ---- gateway_reload.cpp
  ReloadReport reload(const Load& load);
  ReloadReport change_to(const config::Configuration& configuration);
  void switch_to(Building& building);
  // What was built and is not used after all.
  void abandon(Building& building);
  void retire(const std::shared_ptr<RunningMount>& mount, bool at_once);

  // ---- gateway_retire.cpp: what is no longer configured ends
  void sweep();
  void sweep_mounts();
  void sweep_listeners();
  void sweep_services();
  void sweep_buses();
  // Waits a moment, and sweeps, if no mount that `uses` what is to end has clients and until_ms, when the last of them
  // can end, is not over. False: no use to wait.
  bool sweep_idle(std::int64_t until_ms, const std::function<bool(const RunningMount&)>& uses);
  template <class Running, class End>
  void sweep_list(std::vector<std::shared_ptr<Running>>& list, End end);
  // Before the rest of the object, where it belongs.
  void destroy(RunningAuthenticator& running);
  void destroy(RunningUpstream& running);
  static void destroy(RunningBus&) {}
  static void destroy(RunningJournal&) {}
  static void destroy(RunningTranslations&) {}
  bool retired() const;

  // Runs f(shard) on every shard and waits.
  template <class F>
  void on_all_shards(F f) {
    std::vector<std::future<void>> done;
    for (const auto& shard : shards) {
      auto promise = std::make_shared<std::promise<void>>();
      done.push_back(promise->get_future());
      shard->loop.post([s = shard.get(), &f, promise] {
        f(*s);
        promise->set_value();
      });
    }
    for (auto& d : done) d.wait();
  }
  // The same on one shard; before start() the caller stands for all of them.
  template <class F>
  void on_shard(Shard& shard, F f) {
    if (!running) return f();
    std::promise<void> done;
    shard.loop.post([&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }

  // Sessions, and requests that are being answered.
  bool open_clients() const;
  void stop_control();
  void stop_buses();
};

}  // namespace dragoman::gateway
