// SPDX-License-Identifier: Apache-2.0
// The host as a plugin instance sees it, and what it was configured with.
#pragma once
#include <dragoman/ext/auth.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/http.h>
#include <dragoman/ext/journal.h>
#include <dragoman/ext/metrics.h>
#include <dragoman/ext/registry.h>
#include <dragoman/ext/session.h>
#include <dragoman/ext/timer.h>
#include <dragoman/ext/upstream.h>
#include <dragoman/plugin.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dragoman::sdk {

inline dgm_str raw(std::string_view s) noexcept {
  return {s.data(), s.size()};
}
inline std::string_view view(dgm_str s) noexcept {
  return s.len ? std::string_view(s.ptr, s.len) : std::string_view();
}

enum class Opcode : std::int32_t { text = DGM_TEXT, binary = DGM_BINARY };
enum class LogLevel : std::int32_t {
  debug = DGM_LOG_DEBUG,
  info = DGM_LOG_INFO,
  warn = DGM_LOG_WARN,
  error = DGM_LOG_ERROR
};

// Thrown by configure(): the sentence is shown to the admin.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A number that only grows, shown as dragoman_plugin_<plugin>_<name>_total. Copyable.
class Counter {
 public:
  Counter() = default;
  void add(std::uint64_t n = 1) const noexcept {
    if (metrics_) metrics_->add(self_, index_, n);
  }

 private:
  friend class Host;
  const dgm_host_metrics* metrics_ = nullptr;
  dgm_host* self_ = nullptr;
  std::uint32_t index_ = 0;
};

// Copyable; valid as long as the plugin instance.
class Host {
 public:
  Host(const dgm_host_api* api, dgm_host* self)
      : api_(api),
        self_(self),
        session_(table<dgm_host_session>(DGM_EXT_SESSION)),
        fanout_(table<dgm_host_fanout>(DGM_EXT_FANOUT)),
        auth_(table<dgm_host_auth>(DGM_EXT_AUTH)),
        timer_(table<dgm_host_timer>(DGM_EXT_TIMER)),
        metrics_(table<dgm_host_metrics>(DGM_EXT_METRICS)),
        http_(table<dgm_host_http>(DGM_EXT_HTTP)),
        registry_(table<dgm_host_registry>(DGM_EXT_REGISTRY)),
        journal_(table<dgm_host_journal>(DGM_EXT_JOURNAL)),
        upstream_(table<dgm_host_upstream>(DGM_EXT_UPSTREAM)) {
    if (!session_ || !fanout_ || !auth_ || !timer_ || !metrics_ || !http_ || !registry_)
      throw std::runtime_error("the host lacks an extension that the SDK needs");
  }

  void log(LogLevel level, std::string_view text, dgm_session session = 0) const noexcept {
    api_->log(self_, session, static_cast<std::int32_t>(level), raw(text));
  }
  // In configure().
  Counter counter(std::string_view name, std::string_view help) const {
    Counter c;
    if (metrics_->counter(self_, raw(name), raw(help), &c.index_) < 0)
      throw std::runtime_error("the counter cannot be registered");
    c.metrics_ = metrics_;
    c.self_ = self_;
    return c;
  }
  // In configure() or start(): which bus events map() gets.
  void feed(std::string_view channel, std::string_view pattern) const {
    if (fanout_->feed(self_, raw(channel), raw(pattern)) < 0) throw std::runtime_error("the feed was refused");
  }

  // In configure(): sessions subscribe to events of this channel.
  void channel(std::string_view name) const {
    if (fanout_->channel(self_, raw(name)) < 0) throw std::runtime_error("the channel was refused");
  }

  // In configure() or start(), for a dialect that answers HTTP; path: "/events", "/sockets/{}".
  void route(std::string_view method, std::string_view path) const {
    if (http_->route(self_, raw(method), raw(path), 0) < 0) throw std::runtime_error("the route was refused");
  }
  // What matches no other route, whatever the method.
  void rest_route(std::string_view path) const {
    if (http_->route(self_, raw("*"), raw(path), DGM_ROUTE_REST) < 0) throw std::runtime_error("the route was refused");
  }
  // A path where sessions are opened, once there are routes at all.
  void websocket_route(std::string_view path) const {
    if (http_->route(self_, {}, raw(path), DGM_ROUTE_WEBSOCKET) < 0) throw std::runtime_error("the route was refused");
  }

  // Whether new sessions are welcome; false while the bus is lost and sessions are closed then.
  bool bus_usable() const noexcept { return fanout_->bus(self_) >= 0; }

  dgm_host* self() const noexcept { return self_; }
  const dgm_host_session& session_table() const noexcept { return *session_; }
  const dgm_host_fanout& fanout_table() const noexcept { return *fanout_; }
  const dgm_host_auth& auth_table() const noexcept { return *auth_; }
  const dgm_host_timer& timer_table() const noexcept { return *timer_; }
  const dgm_host_http& http_table() const noexcept { return *http_; }
  const dgm_host_registry& registry_table() const noexcept { return *registry_; }
  // Null: the mount has no journal.
  const dgm_host_journal* journal_table() const noexcept { return journal_; }
  // Null: the configuration names no upstream.
  const dgm_host_upstream* upstream_table() const noexcept { return upstream_; }

 private:
  template <class T>
  const T* table(std::string_view id) const {
    const auto* found = static_cast<const T*>(api_->query(self_, raw(id)));
    return found && found->size >= sizeof(T) ? found : nullptr;
  }
  const dgm_host_api* api_;
  dgm_host* self_;
  const dgm_host_session* session_;
  const dgm_host_fanout* fanout_;
  const dgm_host_auth* auth_;
  const dgm_host_timer* timer_;
  const dgm_host_metrics* metrics_;
  const dgm_host_http* http_;
  const dgm_host_registry* registry_;
  const dgm_host_journal* journal_;
  const dgm_host_upstream* upstream_;
};

// What throws in a completion has nobody to answer to.
template <class F>
bool guard_completion(const Host& host, std::string_view what, F&& f, dgm_session session = 0) noexcept {
  try {
    f();
    return true;
  } catch (const std::exception& e) {
    host.log(LogLevel::error, what, session);
    host.log(LogLevel::error, e.what(), session);
  } catch (...) {
    host.log(LogLevel::error, what, session);
  }
  return false;
}

// The first header of that name, in any case.
inline std::optional<std::string_view> find_header(const dgm_field* headers, std::size_t n, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (std::size_t i = 0; i < n; ++i) {
    const std::string_view have = view(headers[i].name);
    bool same = have.size() == name.size();
    for (std::size_t k = 0; same && k < name.size(); ++k) same = lower(have[k]) == lower(name[k]);
    if (same) return view(headers[i].value);
  }
  return std::nullopt;
}

class Config {
 public:
  explicit Config(const dgm_config& c) : c_(c) {}
  std::string_view mount() const { return view(c_.mount); }
  // JSON object, complete and valid against settings_schema.
  std::string_view settings() const { return view(c_.settings); }
  // Of a mount: JSON object of numbers, sizes in bytes, times in milliseconds, 0: none.
  std::string_view limits() const { return view(c_.limits); }
  // Directory for what must outlive the process; relative paths in settings are below it.
  std::string_view state_directory() const { return view(c_.state); }
  bool check_only() const { return c_.flags & DGM_CONFIG_CHECK; }
  bool home() const { return c_.flags & DGM_CONFIG_HOME; }
  // At least one TCP listener of the mount is not encrypted.
  bool plain_listener() const { return c_.flags & DGM_CONFIG_PLAIN; }

 private:
  const dgm_config& c_;
};

}  // namespace dragoman::sdk
