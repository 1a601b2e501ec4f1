// SPDX-License-Identifier: Apache-2.0
// One client as its dialect addresses it, and what is known of it.
#pragma once
#include <dragoman/ext/dialect.h>
#include <dragoman/sdk/host.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace dragoman::sdk {

// A view, valid during the call that got it.
class Identity {
 public:
  explicit Identity(const dgm_identity& i) : i_(i) {}
  std::string_view id() const { return view(i_.id); }
  std::string_view user() const { return view(i_.user); }
  std::string_view tenant() const { return view(i_.tenant); }
  std::string_view account() const { return view(i_.account); }
  std::string_view session() const { return view(i_.session); }
  std::string_view claims() const { return view(i_.claims); }
  std::int64_t expires_ms() const { return i_.expires_ms; }
  std::vector<std::string_view> grants() const {
    std::vector<std::string_view> out;
    for (std::size_t k = 0; k < i_.grant_count; ++k) out.push_back(view(i_.grants[k]));
    return out;
  }

 private:
  const dgm_identity& i_;
};

enum class IdentityChange : std::int32_t {
  renewed = DGM_IDENTITY_RENEWED,
  expired = DGM_IDENTITY_EXPIRED,
  revoked = DGM_IDENTITY_REVOKED
};

// The request that opens a session; a view, valid during upgrade() or open().
class Open {
 public:
  explicit Open(const dgm_open& o) : o_(o) {}
  std::string_view path() const { return view(o_.path); }
  std::string_view query() const { return view(o_.query); }
  std::string_view peer() const { return view(o_.peer); }
  bool encrypted() const { return o_.flags & DGM_OPEN_TLS; }
  // The first header of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const {
    return find_header(o_.headers, o_.header_count, name);
  }
  // Of the credential that upgrade() asked to have checked.
  std::optional<Identity> identity() const {
    return o_.identity ? std::optional<Identity>(*o_.identity) : std::nullopt;
  }

 private:
  const dgm_open& o_;
};

// Copyable; calls about a session that has ended answer DGM_E_GONE.
class Client {
 public:
  Client(Host host, dgm_session id) : host_(host), id_(id) {}
  dgm_session id() const { return id_; }
  const Host& host() const { return host_; }

  // After DGM_E_TOO_LARGE nothing was sent and the session goes on; what to do instead is the dialect's matter.
  dgm_status send(Opcode op, std::string_view message) const {
    return host_.session_table().send(host_.self(), id_, static_cast<std::int32_t>(op), raw(message));
  }
  dgm_status send(std::string_view text) const { return send(Opcode::text, text); }
  // A message in parts of at most 64 KiB; after DGM_PRESSURE wait for writable().
  dgm_status send_part(Opcode op, std::string_view part, bool first, bool last) const {
    return host_.session_table().send_part(
        host_.self(), id_, static_cast<std::int32_t>(op), raw(part),
        static_cast<std::uint32_t>((first ? DGM_PART_FIRST : 0) | (last ? DGM_PART_LAST : 0)));
  }
  dgm_status close(std::uint16_t code, std::string_view reason = {}) const {
    return host_.session_table().close(host_.self(), id_, code, raw(reason));
  }
  void pause() const { host_.session_table().pause(host_.self(), id_); }
  void resume() const { host_.session_table().resume(host_.self(), id_); }
  void expect_message(std::uint32_t timeout_ms, std::uint16_t code, std::string_view reason = {}) const {
    host_.session_table().expect_message(host_.self(), id_, timeout_ms, code, raw(reason));
  }

  // One more message of the client, inside the one that came. False: it passes the limit messages_per_second.
  bool count_message() const { return host_.session_table().count_message(host_.self(), id_) >= 0; }

  // The subscription's id, 0 when it was refused. literal: `key` is a key, otherwise a pattern.
  std::uint64_t subscribe(std::string_view channel, std::string_view key, bool literal, std::uint64_t variant = 0,
                          std::uint64_t cookie = 0) const {
    dgm_interest interest{};
    interest.size = sizeof interest;
    interest.flags = literal ? DGM_INTEREST_LITERAL : 0;
    interest.channel = raw(channel);
    interest.key = raw(key);
    interest.variant = variant;
    interest.cookie = cookie;
    std::uint64_t subscription = 0;
    return host_.fanout_table().subscribe(host_.self(), id_, &interest, &subscription) < 0 ? 0 : subscription;
  }
  dgm_status unsubscribe(std::uint64_t subscription) const {
    return host_.fanout_table().unsubscribe(host_.self(), subscription);
  }

  // identity is null unless the status is DGM_OK; why is a sentence for the client otherwise. Called exactly once,
  // later, unless the answer is below 0.
  using Authenticated = std::function<void(dgm_status, const Identity*, std::string_view why)>;
  dgm_status authenticate(std::string_view credential, std::uint32_t timeout_ms, Authenticated done) const {
    auto waiting = std::make_unique<Waiting<Authenticated>>(Waiting<Authenticated>{host_, id_, std::move(done)});
    const dgm_status status = host_.auth_table().authenticate(
        host_.self(), id_, raw(credential), timeout_ms,
        [](void* user, dgm_status result, const dgm_identity* identity, dgm_str why) {
          const std::unique_ptr<Waiting<Authenticated>> w(static_cast<Waiting<Authenticated>*>(user));
          guard(*w, "authenticate", [&] {
            if (identity) {
              const Identity i(*identity);
              w->done(result, &i, view(why));
            } else {
              w->done(result, nullptr, view(why));
            }
          });
        },
        waiting.get(), nullptr);
    if (status >= 0) waiting.release();
    return status;
  }

  // done(DGM_OK) after delay_ms, or done(DGM_E_CANCELED) when the session ends before.
  using TimerDone = std::function<void(dgm_status)>;
  dgm_op after(std::uint32_t delay_ms, TimerDone done) const {
    auto waiting = std::make_unique<Waiting<TimerDone>>(Waiting<TimerDone>{host_, id_, std::move(done)});
    dgm_op op = 0;
    const dgm_status status = host_.timer_table().start(
        host_.self(), id_, delay_ms,
        [](void* user, dgm_status result) {
          const std::unique_ptr<Waiting<TimerDone>> w(static_cast<Waiting<TimerDone>*>(user));
          guard(*w, "timer", [&] { w->done(result); });
        },
        waiting.get(), &op);
    if (status < 0) return 0;
    waiting.release();
    return op;
  }
  dgm_status cancel_timer(dgm_op op) const { return host_.timer_table().cancel(host_.self(), op); }

  void log(LogLevel level, std::string_view text) const noexcept { host_.log(level, text, id_); }

 private:
  template <class F>
  struct Waiting {
    Host host;
    dgm_session id;
    F done;
  };
  // What throws in a completion closes the session.
  template <class W, class F>
  static void guard(const W& w, const char* what, F&& f) noexcept {
    if (!guard_completion(w.host, what, std::forward<F>(f), w.id))
      w.host.session_table().close(w.host.self(), w.id, 1011, {});
  }

  Host host_;
  dgm_session id_;
};

}  // namespace dragoman::sdk
