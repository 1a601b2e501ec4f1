// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_tables.hpp"

#include <dragoman/ext/auth.h>
#include <dragoman/ext/fanout.h>
#include <dragoman/ext/metrics.h>
#include <dragoman/ext/session.h>
#include <dragoman/ext/timer.h>

#include <algorithm>

#include "codec/utf8.hpp"
#include "codec/websocket_frame.hpp"
#include "plugin/host_calls.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t log_limit = 8 * 1024;
constexpr std::size_t feed_limit = 1024;
constexpr std::size_t counter_limit = 32;
constexpr std::size_t help_limit = 256;
constexpr std::size_t part_limit = 64 * 1024;
constexpr std::size_t close_reason_limit = 123;  // RFC 6455 5.5: 125 bytes with the code

bool valid_counter_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool valid_opcode(int32_t opcode) {
  return opcode == DGM_TEXT || opcode == DGM_BINARY;
}

// Null: code and reason fit a close frame once the reason is cut (RFC 6455 5.5.1 and 7.4).
const char* wrong_close(std::uint16_t code, dgm_str reason) {
  if (!codec::valid_close_code(code)) return "the code must not be sent in a close frame";
  if (!readable(reason, payload_limit)) return "the reason is null or too long";
  if (!codec::valid_utf8(view(reason))) return "the reason is not UTF-8";
  return nullptr;
}

std::string_view close_reason(dgm_str reason) {
  return codec::cut_utf8(view(reason), close_reason_limit);
}

}  // namespace

struct HostCalls::Core {
  // dgm_host_api

  static const void* query(dgm_host* host, dgm_str id) noexcept;

  static void log(dgm_host* host, dgm_session session, int32_t level, dgm_str text) noexcept {
    if (!host) return;
    Instance& self = of(host);
    try {
      if (!text.ptr && text.len) {
        self.violation("log", "the text is null");
        return;
      }
      if (level < DGM_LOG_DEBUG || level > DGM_LOG_ERROR) level = DGM_LOG_INFO;
      self.services_.log(session, level, view(text).substr(0, log_limit));
    } catch (...) {
      // A line that cannot be written is not worth more.
    }
  }

  // dgm.session/1

  static dgm_status send(dgm_host* host, dgm_session session, int32_t opcode, dgm_str payload) noexcept {
    return on_shard(host, "send", [&](Instance& self) {
      if (!valid_opcode(opcode)) return invalid(self, "send", "the opcode is neither DGM_TEXT nor DGM_BINARY");
      if (!readable(payload, static_cast<std::size_t>(-1))) return invalid(self, "send", "the payload is null");
      if (payload.len > payload_limit) return dgm_status{DGM_E_TOO_LARGE};
      if (opcode == DGM_TEXT && !codec::valid_utf8(view(payload)))
        return invalid(self, "send", "the text is not UTF-8");
      return self.services_.send(session, opcode, view(payload));
    });
  }

  static dgm_status send_part(dgm_host* host, dgm_session session, int32_t opcode, dgm_str part,
                              std::uint32_t flags) noexcept {
    return on_shard(host, "send_part", [&](Instance& self) {
      const bool first = flags & DGM_PART_FIRST;
      if (flags & ~std::uint32_t{DGM_PART_FIRST | DGM_PART_LAST})
        return invalid(self, "send_part", "the flags are not known");
      if (!valid_opcode(opcode)) return invalid(self, "send_part", "the opcode is neither DGM_TEXT nor DGM_BINARY");
      if (!readable(part, part_limit)) return invalid(self, "send_part", "the part is null or longer than 64 KiB");
      if (opcode == DGM_TEXT && !codec::valid_utf8(view(part)))
        return invalid(self, "send_part", "the text is not UTF-8, or cut inside a character");
      return self.services_.send_part(session, opcode, view(part), first, flags & DGM_PART_LAST);
    });
  }

  static dgm_status close(dgm_host* host, dgm_session session, std::uint16_t code, dgm_str reason) noexcept {
    return on_shard(host, "close", [&](Instance& self) {
      if (const char* const wrong = wrong_close(code, reason)) return invalid(self, "close", wrong);
      return self.services_.close(session, code, close_reason(reason));
    });
  }

  static dgm_status pause(dgm_host* host, dgm_session session) noexcept {
    return on_shard(host, "pause", [&](Instance& self) { return self.services_.set_paused(session, true); });
  }

  static dgm_status resume(dgm_host* host, dgm_session session) noexcept {
    return on_shard(host, "resume", [&](Instance& self) { return self.services_.set_paused(session, false); });
  }

  static dgm_status expect_message(dgm_host* host, dgm_session session, std::uint32_t timeout_ms, std::uint16_t code,
                                   dgm_str reason) noexcept {
    return on_shard(host, "expect_message", [&](Instance& self) {
      // 0 disarms: then nothing is said to the client.
      if (!timeout_ms) return self.services_.expect_message(session, 0, 0, {});
      if (const char* const wrong = wrong_close(code, reason)) return invalid(self, "expect_message", wrong);
      return self.services_.expect_message(session, timeout_ms, code, close_reason(reason));
    });
  }

  static dgm_status count_message(dgm_host* host, dgm_session session) noexcept {
    return on_shard(host, "count_message", [&](Instance& self) { return self.services_.count_message(session); });
  }

  // dgm.fanout/1

  static dgm_status subscribe(dgm_host* host, dgm_session session, const dgm_interest* from,
                              std::uint64_t* subscription) noexcept {
    return on_shard(host, "subscribe", [&](Instance& self) {
      dgm_interest interest;
      if (!read_data(from, interest)) return invalid(self, "subscribe", "the interest is null or of a wrong size");
      if (const char* const wrong = wrong_with(interest)) return invalid(self, "subscribe", wrong);
      std::uint64_t id = 0;
      const dgm_status status = self.services_.subscribe(session, interest, &id);
      if (subscription) *subscription = status < 0 ? 0 : id;
      return status;
    });
  }

  static dgm_status unsubscribe(dgm_host* host, std::uint64_t subscription) noexcept {
    return on_shard(host, "unsubscribe", [&](Instance& self) { return self.services_.unsubscribe(subscription); });
  }

  static dgm_status feed(dgm_host* host, dgm_str channel, dgm_str pattern) noexcept {
    return in_control(host, "feed", true, [&](Instance& self) {
      if (!self.has_map()) return invalid(self, "feed", "the dialect has no map()");
      if (!readable(channel, name_limit) || !readable(pattern, name_limit))
        return invalid(self, "feed", "the channel or the pattern is null or too long");
      if (self.feeds_.size() >= feed_limit) return dgm_status{DGM_E_DROPPED};
      self.feeds_.push_back({std::string(view(channel)), std::string(view(pattern))});
      return dgm_status{DGM_OK};
    });
  }

  static dgm_status channel(dgm_host* host, dgm_str name) noexcept {
    return in_control(host, "channel", false, [&](Instance& self) {
      if (!readable(name, name_limit)) return invalid(self, "channel", "the channel is null or too long");
      if (self.channels_.size() >= feed_limit) return dgm_status{DGM_E_DROPPED};
      self.channels_.emplace_back(view(name));
      return dgm_status{DGM_OK};
    });
  }

  // Reads and checks the event of emit() and publish(); the host numbers events itself.
  static dgm_status read_event(Instance& self, const char* function, const dgm_event* from, dgm_event& event) {
    if (!read_data(from, event)) return invalid(self, function, "the event is null or of a wrong size");
    if (const char* const wrong = wrong_with(event)) return invalid(self, function, wrong);
    event.sequence = 0;
    return DGM_OK;
  }

  static dgm_status emit(dgm_host* host, const dgm_event* from) noexcept {
    return on_shard(host, "emit", [&](Instance& self) {
      if (!self.home_) {
        self.violation("emit", "called outside the mount's home shard");
        return dgm_status{DGM_E_DOMAIN};
      }
      dgm_event event;
      const dgm_status status = read_event(self, "emit", from, event);
      return status < 0 ? status : self.services_.emit(event);
    });
  }

  static dgm_status publish(dgm_host* host, const dgm_event* from) noexcept {
    return on_shard(host, "publish", [&](Instance& self) {
      dgm_event event;
      const dgm_status status = read_event(self, "publish", from, event);
      return status < 0 ? status : self.services_.publish(event);
    });
  }

  static dgm_status publish_confirmed(dgm_host* host, const dgm_event* from, dgm_published done, void* user) noexcept {
    return on_shard(host, "publish_confirmed", [&](Instance& self) {
      if (!done) return invalid(self, "publish_confirmed", "done is null");
      dgm_event event;
      const dgm_status status = read_event(self, "publish_confirmed", from, event);
      return status < 0 ? status : self.services_.publish_confirmed(event, done, user);
    });
  }

  static dgm_status bus(dgm_host* host) noexcept {
    return on_shard(host, "bus", [&](Instance& self) { return self.services_.bus(); });
  }

  // dgm.auth/1

  static dgm_status authenticate(dgm_host* host, dgm_session session, dgm_str credential, std::uint32_t timeout_ms,
                                 dgm_auth_done done, void* user, dgm_op* op) noexcept {
    return on_shard(host, "authenticate", [&](Instance& self) {
      if (!done) return invalid(self, "authenticate", "done is null");
      if (!timeout_ms) return invalid(self, "authenticate", "the timeout is 0");
      if (!credential.ptr && credential.len) return invalid(self, "authenticate", "the credential is null");
      // It comes from a client: too long is a wrong credential, not a mistake of the plugin's.
      if (credential.len > value_limit) return dgm_status{DGM_E_INVALID};
      dgm_op started = 0;
      const dgm_status status =
          self.services_.authenticate(session, view(credential), timeout_ms, done, user, &started);
      if (op) *op = status < 0 ? 0 : started;
      return status;
    });
  }

  static dgm_status cancel_auth(dgm_host* host, dgm_op op) noexcept {
    return on_shard(host, "cancel (dgm.auth/1)", [&](Instance& self) { return self.services_.cancel_auth(op); });
  }

  // dgm.timer/1

  static dgm_status start_timer(dgm_host* host, dgm_session session, std::uint32_t delay_ms, dgm_timer_done done,
                                void* user, dgm_op* op) noexcept {
    return on_shard(host, "start (dgm.timer/1)", [&](Instance& self) {
      if (!done) return invalid(self, "start (dgm.timer/1)", "done is null");
      dgm_op started = 0;
      const dgm_status status = self.services_.start_timer(session, delay_ms, done, user, &started);
      if (op) *op = status < 0 ? 0 : started;
      return status;
    });
  }

  static dgm_status cancel_timer(dgm_host* host, dgm_op op) noexcept {
    return on_shard(host, "cancel (dgm.timer/1)", [&](Instance& self) { return self.services_.cancel_timer(op); });
  }

  // dgm.metrics/1

  static dgm_status counter(dgm_host* host, dgm_str name, dgm_str help, std::uint32_t* index) noexcept {
    return in_control(host, "counter", false, [&](Instance& self) {
      if (!readable(name, name_limit) || !valid_counter_name(view(name)))
        return invalid(self, "counter", "the name is not of the form [a-z][a-z0-9_]{0,63}");
      if (!readable(help, help_limit)) return invalid(self, "counter", "the help is null or longer than 256 bytes");
      if (!index) return invalid(self, "counter", "index is null");
      for (const auto& known : self.counters_)
        if (known->name == view(name)) return invalid(self, "counter", "the name is registered already");
      if (self.counters_.size() >= counter_limit) return dgm_status{DGM_E_DROPPED};
      auto made = std::make_unique<PluginCounter>();
      made->name = view(name);
      made->help = view(help);
      self.counters_.push_back(std::move(made));
      *index = static_cast<std::uint32_t>(self.counters_.size() - 1);
      return dgm_status{DGM_OK};
    });
  }

  // Counting is allowed where sending is not: inside select() and encode().
  static void add(dgm_host* host, std::uint32_t index, std::uint64_t n) noexcept {
    if (!host) return;
    Instance& self = of(host);
    try {
      if (!self.services_.on_shard())
        self.violation("add", "called outside the shard's thread");
      else if (index >= self.counters_.size())
        self.violation("add", "there is no counter with this index");
      else
        self.counters_[index]->value.add(n);
    } catch (...) {
      // Only writing the log line can throw.
    }
  }
};

namespace {

const dgm_host_session session_table = {sizeof session_table,          0,
                                        HostCalls::Core::send,         HostCalls::Core::send_part,
                                        HostCalls::Core::close,        HostCalls::Core::pause,
                                        HostCalls::Core::resume,       HostCalls::Core::expect_message,
                                        HostCalls::Core::count_message};
const dgm_host_fanout fanout_table = {sizeof fanout_table,        0,
                                      HostCalls::Core::subscribe, HostCalls::Core::unsubscribe,
                                      HostCalls::Core::feed,      HostCalls::Core::emit,
                                      HostCalls::Core::publish,   HostCalls::Core::publish_confirmed,
                                      HostCalls::Core::bus,       HostCalls::Core::channel};
const dgm_host_auth auth_table = {sizeof auth_table, 0, HostCalls::Core::authenticate, HostCalls::Core::cancel_auth};
const dgm_host_timer timer_table = {sizeof timer_table, 0, HostCalls::Core::start_timer, HostCalls::Core::cancel_timer};
const dgm_host_metrics metrics_table = {sizeof metrics_table, 0, HostCalls::Core::counter, HostCalls::Core::add};
const dgm_host_api api_table = {sizeof api_table, DGM_ABI_MAJOR, DGM_ABI_MINOR, HostCalls::Core::query,
                                HostCalls::Core::log};

}  // namespace

const void* HostCalls::Core::query(dgm_host* host, dgm_str id) noexcept {
  const std::string_view wanted = view(id);
  if (wanted == DGM_EXT_SESSION) return &session_table;
  if (wanted == DGM_EXT_FANOUT) return &fanout_table;
  if (wanted == DGM_EXT_AUTH) return &auth_table;
  if (wanted == DGM_EXT_TIMER) return &timer_table;
  if (wanted == DGM_EXT_METRICS) return &metrics_table;
  if (wanted == DGM_EXT_HTTP) return &http_table();
  if (wanted == DGM_EXT_REGISTRY) return &registry_table();
  if (wanted == DGM_EXT_JOURNAL && host && of(host).services_.has_journal()) return &journal_table();
  if (wanted == DGM_EXT_UPSTREAM && host && of(host).services_.has_upstreams()) return &upstream_table();
  return nullptr;
}

const dgm_host_api& host_api() {
  return api_table;
}

}  // namespace dragoman::plugin
