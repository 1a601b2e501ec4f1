// SPDX-License-Identifier: Apache-2.0
// One plugin on one mount and shard: its life, its hooks, and the guards around them (plugin-abi sections 4, 5 and 9).
// Every hook is timed, counted and cannot throw. Hooks run on the shard's thread, the life (create to destroy) on one
// thread at a time; counters are read on any.
#pragma once
#include <dragoman/ext/auth.h>
#include <dragoman/ext/dialect.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/http.h>
#include <dragoman/ext/journal.h>
#include <dragoman/ext/timer.h>
#include <dragoman/plugin.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "plugin/handshake.hpp"
#include "plugin/hook.hpp"
#include "plugin/mount_services.hpp"
#include "plugin/writer.hpp"

namespace dragoman::plugin {

struct InstanceOptions {
  std::string mount;
  std::string state_directory;
  bool strict = false;               // a breach of contract aborts the process and names the plugin (tests)
  std::uint32_t slow_call_ms = 100;  // hooks that take this long are named in the log
};

// A channel and key pattern that map() is fed with.
struct Feed {
  std::string channel, pattern;
};

// A place that the dialect answers HTTP at (dgm.http/1 route).
struct Route {
  std::string method;                 // not read for a WebSocket
  std::vector<std::string> segments;  // "{}": any
  bool websocket = false;
  bool rest = false;  // only what no other route matches
};

// A counter that the plugin registered (dgm.metrics/1).
struct PluginCounter {
  std::string name, help;
  base::Counter value;
};

class Instance {
 public:
  // `services` must outlive it.
  Instance(std::shared_ptr<const Plugin> plugin, MountServices& services, InstanceOptions options);
  // Calls destroy() if that has not been done.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // [control] Each returns a sentence for the admin, or nothing when it went well. In this order, each once.
  std::string create();
  // flags: DGM_CONFIG_...; settings: JSON object, complete and valid against the plugin's schema.
  std::string configure(std::uint32_t flags, std::string_view settings, std::string_view limits = {});
  std::string start();
  // [shard] After start().
  void stop();
  // [control] No session, subscription or operation is left. Does nothing the second time.
  void destroy();

  bool has_identity() const { return dialect_.session_identity; }
  bool has_upgrade() const { return dialect_.upgrade; }
  bool has_limited() const { return dialect_.session_limited; }
  bool has_bus_lost() const { return dialect_.session_bus_lost; }
  bool has_map() const { return dialect_.map; }
  bool maps_feeds() const { return dialect_.flags & DGM_DIALECT_MAP_FEEDS; }
  bool has_select() const { return dialect_.select; }
  bool has_observe() const { return dialect_.observe; }
  bool has_encode() const { return dialect_.encode; }
  bool has_http() const { return http_.request; }

  // [shard] The hooks of dgm.dialect/1; an exception is answered as DGM_E_INTERNAL. Optional ones do nothing when they
  // are absent.
  // Only with has_upgrade(). 0, the HTTP status and the text of a refusal, or, unless open has an identity,
  // DGM_UPGRADE_AUTHENTICATE and a credential.
  int upgrade(const dgm_open& open, std::string& text);
  dgm_status session_open(dgm_session session, const dgm_open& open, void** state);
  dgm_status session_message(dgm_session session, void* state, int32_t opcode, std::string_view payload);
  void session_writable(dgm_session session, void* state);
  void session_limited(dgm_session session, void* state);
  // Only with has_bus_lost().
  void session_bus_lost(dgm_session session, void* state);
  void session_identity(dgm_session session, void* state, const dgm_identity& identity, int32_t why);
  void session_close(dgm_session session, void* state, std::uint16_t code, std::string_view reason);
  // Only with has_map().
  dgm_status map(const dgm_event& event);
  // Only with has_observe().
  void observe(const dgm_event& event);
  // Only with has_select(). Sets variants[i] to subs[i].variant before the call; after a failure to DGM_VARIANT_SKIP.
  void select(const dgm_event& event, const dgm_subscription* subs, std::size_t n, std::uint64_t* variants);
  // Only with has_encode(). DGM_OK, DGM_SKIP, or below 0. After DGM_OK the writer holds the message.
  dgm_status encode(const dgm_event& event, std::uint64_t variant, Writer& writer);

  // [shard] The hooks of dgm.http/1, only with has_http().
  dgm_status request(dgm_request request, const dgm_http_request& head, void** state);
  void request_writable(dgm_request request, void* state);
  void request_close(dgm_request request, void* state);

  // [shard] Completions go through these, for the same guards. identity may be null unless status is DGM_OK.
  void auth_done(dgm_auth_done done, void* user, dgm_status status, const dgm_identity* identity, std::string_view why);
  void timer_done(dgm_timer_done done, void* user, dgm_status status);
  void published(dgm_published done, void* user, dgm_status status);
  // call: one of the completions of journal, upstream or registry; hook says which.
  void completed(Hook hook, const std::function<void()>& call);

  // After start(): what map() is to be fed with.
  const std::vector<Feed>& feeds() const { return feeds_; }
  // After configure(): the channels that it said its sessions subscribe to.
  const std::vector<std::string>& channels() const { return channels_; }
  // The same: where HTTP reaches the dialect.
  const std::vector<Route>& routes() const { return routes_; }

  const Plugin& plugin() const { return *plugin_; }
  const InstanceOptions& options() const { return options_; }
  // [shard]
  void set_slow_call_ms(std::uint32_t ms) { options_.slow_call_ms = ms; }

  // Any thread; counters() after configure().
  const HookCounters& hook(Hook hook) const { return hooks_[static_cast<std::size_t>(hook)]; }
  std::uint64_t violations() const { return violations_.load(std::memory_order_relaxed); }
  const std::vector<std::unique_ptr<PluginCounter>>& counters() const { return counters_; }

 private:
  friend struct HostCalls;
  using Clock = std::chrono::steady_clock;
  enum class Stage : std::uint8_t { made, created, configured, started, stopped, destroyed };

  template <class Call>
  dgm_status guarded(Hook hook, Call&& call);
  dgm_status caught(Hook hook);
  void slow(Hook hook, Clock::duration took);
  std::string failure(const char* what, dgm_status status, std::string_view why) const;

  // A breach of contract by the plugin: counted and logged; aborts when strict. Any thread.
  void violation(const char* function, std::string_view reason);

  dgm_host* host() { return reinterpret_cast<dgm_host*>(this); }

  std::shared_ptr<const Plugin> plugin_;
  MountServices& services_;
  InstanceOptions options_;
  dgm_dialect dialect_{};
  dgm_http http_{};
  void* inst_ = nullptr;
  Clock::duration slow_limit_;
  // Read by host calls from threads that may be the wrong ones.
  std::atomic<Hook> current_{Hook::none};
  std::atomic<std::thread::id> control_thread_{};
  bool in_host_call_ = false;  // shard's thread only
  bool home_ = false;
  Stage stage_ = Stage::made;
  std::string thrown_;  // text of the last exception

  std::vector<Feed> feeds_;
  std::vector<std::string> channels_;
  std::vector<Route> routes_;
  std::vector<std::unique_ptr<PluginCounter>> counters_;
  std::array<HookCounters, hook_count> hooks_;
  struct Rate {
    std::int64_t logged_ms = -1000000;
    std::uint64_t silent = 0;
  };
  std::array<Rate, hook_count> slow_rate_;
  std::array<Rate, hook_count> error_rate_;
  std::atomic<std::uint64_t> violations_{0};
  std::atomic<std::int64_t> violation_logged_ms_{-1000000};
};

}  // namespace dragoman::plugin
