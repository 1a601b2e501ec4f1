// SPDX-License-Identifier: Apache-2.0
#include "plugin/instance.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "codec/utf8.hpp"
#include "plugin/arguments.hpp"
#include "plugin/call_board.hpp"
#include "plugin/host_tables.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t why_limit = 4096;
constexpr std::int64_t log_interval_ms = 1000;

dgm_str raw(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view status_name(dgm_status status) {
  switch (status) {
    case DGM_E_DROPPED:
      return "DGM_E_DROPPED";
    case DGM_E_GONE:
      return "DGM_E_GONE";
    case DGM_E_INVALID:
      return "DGM_E_INVALID";
    case DGM_E_UNSUPPORTED:
      return "DGM_E_UNSUPPORTED";
    case DGM_E_CANCELED:
      return "DGM_E_CANCELED";
    case DGM_E_TIMEOUT:
      return "DGM_E_TIMEOUT";
    case DGM_E_INTERNAL:
      return "DGM_E_INTERNAL";
    case DGM_E_DOMAIN:
      return "DGM_E_DOMAIN";
    case DGM_E_DENIED:
      return "DGM_E_DENIED";
    case DGM_E_UNAVAILABLE:
      return "DGM_E_UNAVAILABLE";
    default:
      return "an unknown status";
  }
}

}  // namespace

Instance::Instance(std::shared_ptr<const Plugin> plugin, MountServices& services, InstanceOptions options)
    : plugin_(std::move(plugin)),
      services_(services),
      options_(std::move(options)),
      slow_limit_(std::chrono::milliseconds(options_.slow_call_ms)) {
  if (plugin_->dialect) dialect_ = *plugin_->dialect;
  if (plugin_->http) http_ = *plugin_->http;
}

Instance::~Instance() {
  destroy();
}

// Inlined into each hook: the guard costs two clock reads and a few plain stores.
template <class Call>
inline dgm_status Instance::guarded(Hook hook, Call&& call) {
  // Not the plugin's fault, but the promise of plugin.h: the host never calls back from inside a call of the plugin's.
  if (in_host_call_) violation(hook_name(hook), "the host called it from inside a call of the plugin's");
  const Hook outer = current_.load(std::memory_order_relaxed);
  current_.store(hook, std::memory_order_relaxed);
  const CallMark mark(hook);
  const auto began = Clock::now();
  dgm_status status;
  try {
    status = call();
  } catch (...) {
    status = caught(hook);
  }
  const auto took = Clock::now() - began;
  current_.store(outer, std::memory_order_relaxed);
  HookCounters& counters = hooks_[static_cast<std::size_t>(hook)];
  counters.calls.add();
  if (status < 0) counters.errors.add();
  if (took >= slow_limit_) slow(hook, took);
  return status;
}

dgm_status Instance::caught(Hook hook) {
  thrown_ = "an exception without a text";
  try {
    throw;
  } catch (const std::exception& e) {
    thrown_ = e.what();
  } catch (...) {
    // A foreign exception, or one of another standard library: its type cannot be asked.
  }
  Rate& rate = error_rate_[static_cast<std::size_t>(hook)];
  const std::int64_t now = base::monotonic_ms();
  if (now - rate.logged_ms < log_interval_ms) {
    ++rate.silent;
    return DGM_E_INTERNAL;
  }
  base::log(base::LogLevel::error, "exception crossed the plugin boundary",
            {{"mount", options_.mount},
             {"plugin", plugin_->name},
             {"hook", hook_name(hook)},
             {"exception", thrown_},
             {"not_logged", rate.silent}});
  rate = {now, 0};
  return DGM_E_INTERNAL;
}

void Instance::slow(Hook hook, Clock::duration took) {
  hooks_[static_cast<std::size_t>(hook)].slow.add();
  Rate& rate = slow_rate_[static_cast<std::size_t>(hook)];
  const std::int64_t now = base::monotonic_ms();
  if (now - rate.logged_ms < log_interval_ms) {
    ++rate.silent;
    return;
  }
  base::log(base::LogLevel::warn, "slow plugin call",
            {{"mount", options_.mount},
             {"plugin", plugin_->name},
             {"hook", hook_name(hook)},
             {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
             {"not_logged", rate.silent}});
  rate = {now, 0};
}

void Instance::violation(const char* function, std::string_view reason) {
  violations_.fetch_add(1, std::memory_order_relaxed);
  const char* inside = hook_name(current_.load(std::memory_order_relaxed));
  if (options_.strict) {
    // Written here and not through the log, whose queue would die with the process.
    const std::string line = fmt::format("dragoman: plugin {} broke the contract: {}: {} (mount {}, inside {})\n",
                                         plugin_->name, function, reason, options_.mount, inside);
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    std::abort();
  }
  const std::int64_t now = base::monotonic_ms();
  std::int64_t before = violation_logged_ms_.load(std::memory_order_relaxed);
  if (now - before < log_interval_ms || !violation_logged_ms_.compare_exchange_strong(before, now)) return;
  base::log(base::LogLevel::error, "plugin broke the contract",
            {{"mount", options_.mount},
             {"plugin", plugin_->name},
             {"function", function},
             {"reason", reason},
             {"inside", inside},
             {"violations", violations()}});
}

std::string Instance::failure(const char* what, dgm_status status, std::string_view why) const {
  std::string sentence = fmt::format("plugin {} {} (mount {})", plugin_->name, what, options_.mount);
  if (!why.empty()) {
    sentence += ": ";
    base::append_log_prose(sentence, why);
    return sentence;
  }
  return fmt::format("{}: it gave no reason ({}, {})", sentence, status_name(status), status);
}

std::string Instance::create() {
  if (stage_ != Stage::made) return failure("was created twice", DGM_E_INTERNAL, {});
  control_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  thrown_.clear();
  const dgm_status status = guarded(Hook::create, [&] { return plugin_->api.create(&host_api(), host(), &inst_); });
  if (status < 0) return failure("cannot create an instance", status, thrown_);
  stage_ = Stage::created;
  return {};
}

std::string Instance::configure(std::uint32_t flags, std::string_view settings, std::string_view limits) {
  if (stage_ != Stage::created) return failure("is not ready to be configured", DGM_E_INTERNAL, {});
  control_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  home_ = flags & DGM_CONFIG_HOME;
  if (plugin_->api.configure) {
    dgm_config config{};
    config.size = sizeof config;
    config.flags = flags;
    config.mount = raw(options_.mount);
    config.settings = raw(settings);
    config.limits = raw(limits);
    config.state = raw(options_.state_directory);
    Writer why(why_limit);
    thrown_.clear();
    const dgm_status status =
        guarded(Hook::configure, [&] { return plugin_->api.configure(inst_, &config, why.begin()); });
    if (status < 0) {
      if (!thrown_.empty()) return failure("failed while it read its settings", status, thrown_);
      return failure("refuses its settings", status, why.intact() ? why.text() : std::string_view());
    }
  }
  stage_ = Stage::configured;
  return {};
}

std::string Instance::start() {
  if (stage_ != Stage::configured) return failure("is not ready to be started", DGM_E_INTERNAL, {});
  control_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  if (plugin_->api.start) {
    thrown_.clear();
    const dgm_status status = guarded(Hook::start, [&] { return plugin_->api.start(inst_); });
    if (status < 0) return failure("cannot start", status, thrown_);
  }
  stage_ = Stage::started;
  return {};
}

void Instance::stop() {
  if (stage_ != Stage::started) return;
  stage_ = Stage::stopped;
  if (!plugin_->api.stop) return;
  guarded(Hook::stop, [&] {
    plugin_->api.stop(inst_);
    return DGM_OK;
  });
}

void Instance::destroy() {
  if (stage_ == Stage::made || stage_ == Stage::destroyed) return;
  stage_ = Stage::destroyed;
  guarded(Hook::destroy, [&] {
    plugin_->api.destroy(inst_);
    return DGM_OK;
  });
  inst_ = nullptr;
}

int Instance::upgrade(const dgm_open& open, std::string& text) {
  constexpr int internal_error = 500;
  Writer writer(value_limit);
  const dgm_status status = guarded(Hook::upgrade, [&] { return dialect_.upgrade(inst_, &open, writer.begin()); });
  if (status == DGM_OK) return 0;
  const bool asks = status == DGM_UPGRADE_AUTHENTICATE;
  if (asks && open.identity) violation("upgrade", "a handshake is authenticated once");
  const bool known = (asks && !open.identity) || (status >= 400 && status < 600);
  if (status > 0 && !asks && !known) violation("upgrade", "the answer is no HTTP status from 400 to 599");
  if (!known || !writer.intact() || !codec::valid_utf8(writer.text())) {
    text = "internal error";
    return internal_error;
  }
  text = writer.text();
  return status;
}

dgm_status Instance::session_open(dgm_session session, const dgm_open& open, void** state) {
  return guarded(Hook::session_open, [&] { return dialect_.session_open(inst_, session, &open, state); });
}

dgm_status Instance::session_message(dgm_session session, void* state, int32_t opcode, std::string_view payload) {
  return guarded(Hook::session_message,
                 [&] { return dialect_.session_message(inst_, session, state, opcode, raw(payload)); });
}

void Instance::session_limited(dgm_session session, void* state) {
  guarded(Hook::session_limited, [&] {
    dialect_.session_limited(inst_, session, state);
    return DGM_OK;
  });
}

void Instance::session_bus_lost(dgm_session session, void* state) {
  guarded(Hook::session_bus_lost, [&] {
    dialect_.session_bus_lost(inst_, session, state);
    return DGM_OK;
  });
}

void Instance::session_writable(dgm_session session, void* state) {
  if (!dialect_.session_writable) return;
  guarded(Hook::session_writable, [&] {
    dialect_.session_writable(inst_, session, state);
    return DGM_OK;
  });
}

void Instance::session_identity(dgm_session session, void* state, const dgm_identity& identity, int32_t why) {
  if (!dialect_.session_identity) return;
  guarded(Hook::session_identity, [&] {
    dialect_.session_identity(inst_, session, state, &identity, why);
    return DGM_OK;
  });
}

void Instance::session_close(dgm_session session, void* state, std::uint16_t code, std::string_view reason) {
  guarded(Hook::session_close, [&] {
    dialect_.session_close(inst_, session, state, code, raw(reason));
    return DGM_OK;
  });
}

dgm_status Instance::map(const dgm_event& event) {
  return guarded(Hook::map, [&] { return dialect_.map(inst_, &event); });
}

void Instance::observe(const dgm_event& event) {
  guarded(Hook::observe, [&] {
    dialect_.observe(inst_, &event);
    return DGM_OK;
  });
}

void Instance::select(const dgm_event& event, const dgm_subscription* subs, std::size_t n, std::uint64_t* variants) {
#pragma GCC unroll 8
  for (std::size_t i = 0; i < n; ++i) variants[i] = subs[i].variant;
  const dgm_status status = guarded(Hook::select, [&] {
    dialect_.select(inst_, &event, subs, n, variants);
    return DGM_OK;
  });
  // Half an answer may be a permission that was not yet checked.
  if (status < 0)
    for (std::size_t i = 0; i < n; ++i) variants[i] = DGM_VARIANT_SKIP;
}

dgm_status Instance::encode(const dgm_event& event, std::uint64_t variant, Writer& writer) {
  dgm_writer* const raw_writer = writer.begin();
  const dgm_status status = guarded(Hook::encode, [&] { return dialect_.encode(inst_, &event, variant, raw_writer); });
  if (status < 0 || status == DGM_SKIP) return status;
  const bool intact = writer.intact();
  // A client would end its session over a text that is none (RFC 6455 8.1); the bytes may be a publisher's, so no
  // breach.
  if (intact && (writer.written_opcode() == DGM_BINARY || codec::valid_utf8(writer.text()))) return DGM_OK;
  hooks_[static_cast<std::size_t>(Hook::encode)].errors.add();
  if (intact) return DGM_E_INVALID;
  violation("encode", "left the writer with a length, a pointer or an opcode that cannot be");
  return DGM_E_INTERNAL;
}

dgm_status Instance::request(dgm_request request, const dgm_http_request& head, void** state) {
  return guarded(Hook::request, [&] { return http_.request(inst_, request, &head, state); });
}

void Instance::request_writable(dgm_request request, void* state) {
  if (!http_.request_writable) return;
  guarded(Hook::request_writable, [&] {
    http_.request_writable(inst_, request, state);
    return DGM_OK;
  });
}

void Instance::request_close(dgm_request request, void* state) {
  guarded(Hook::request_close, [&] {
    http_.request_close(inst_, request, state);
    return DGM_OK;
  });
}

void Instance::published(dgm_published done, void* user, dgm_status status) {
  guarded(Hook::published, [&] {
    done(user, status);
    return DGM_OK;
  });
}

void Instance::completed(Hook hook, const std::function<void()>& call) {
  guarded(hook, [&] {
    call();
    return DGM_OK;
  });
}

void Instance::auth_done(dgm_auth_done done, void* user, dgm_status status, const dgm_identity* identity,
                         std::string_view why) {
  guarded(Hook::auth_done, [&] {
    done(user, status, identity, {why.data(), why.size()});
    return DGM_OK;
  });
}

void Instance::timer_done(dgm_timer_done done, void* user, dgm_status status) {
  guarded(Hook::timer_done, [&] {
    done(user, status);
    return DGM_OK;
  });
}

}  // namespace dragoman::plugin
