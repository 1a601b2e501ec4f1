// SPDX-License-Identifier: Apache-2.0
// The running gateway: shards, listeners, buses, authenticators and mounts, made from one configuration.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "config/configuration.hpp"
#include "gateway/explanation.hpp"
#include "gateway/reload_report.hpp"
#include "gateway/session_listing.hpp"
#include "service/metrics.hpp"
#include "service/static_authenticator.hpp"

namespace dragoman::gateway {

struct GatewayOptions {
  bool strict = false;                          // a plugin's breach of contract aborts
  std::vector<std::string> plugin_directories;  // searched in order; empty = the default one
};

// The gateway cannot start; what() is one sentence per line, for the admin.
struct StartError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct MountHealth {
  std::string name, plugin;
  std::size_t sessions = 0;
};

struct Readiness {
  bool ready = false;
  std::vector<std::string> reasons;  // why not, or what is degraded
};

class Gateway {
 public:
  // Loads and configures every plugin and binds every listener; throws StartError with all that is wrong.
  Gateway(const config::Configuration& configuration, const GatewayOptions& options);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Configures every mount of `configuration` without a socket or a thread (dragoman check). Returns what is wrong.
  static std::vector<std::string> check(const config::Configuration& configuration, const GatewayOptions& options);

  // The same without a socket or a thread, for what becomes of an event of a bus (dragoman explain). Throws StartError
  // with all that is wrong.
  static Explanation explain(const config::Configuration& configuration, const GatewayOptions& options,
                             const std::string& bus, const event::EventPtr& event);

  void start();
  // Architecture section 11.6. Blocks until all sessions are closed or the deadline has passed; true = in time. Once.
  bool stop();

  // The rest may be called on any thread between start() and the destructor.
  // Compares with what runs and changes what is different, at once and as a whole, or nothing. One at a time: others
  // wait. load: gives the configuration or adds what is wrong with it. Both are called once, on a thread of the
  // gateway; done inside the call when the gateway stops.
  using Load = std::function<std::optional<config::Configuration>(std::vector<std::string>& errors)>;
  using Reloaded = std::function<void(const ReloadReport&)>;
  void reload(Load load, Reloaded done);
  // bus: a configured name, or empty when exactly one bus is configured; null if there is none such.
  std::shared_ptr<bus::Bus> find_bus(const std::string& name);
  std::shared_ptr<service::StaticAuthenticator> find_static_authenticator(const std::string& name);
  Readiness readiness() const;
  // Every shard has come round since the call before. One thread.
  bool shards_moved();
  // The sessions of a mount on all nodes, at most `most` of each; done comes once, on any thread. False: there is no
  // such mount, or the gateway stops.
  bool sessions(const std::string& mount, std::size_t most, SessionsDone done);
  // Gathers the counters of all shards.
  std::vector<service::MetricFamily> metrics() const;
  // Listener name to the TCP port that it is bound to (0 for a Unix socket).
  std::map<std::string, unsigned> ports() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dragoman::gateway
