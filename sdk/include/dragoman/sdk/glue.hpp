// SPDX-License-Identifier: Apache-2.0
// From a dialect's class to the tables of the boundary. Nothing thrown passes through.
#pragma once
#include <dragoman/ext/dialect.h>
#include <dragoman/sdk/client.hpp>
#include <dragoman/sdk/event.hpp>
#include <dragoman/sdk/host.hpp>
#include <dragoman/sdk/http.hpp>

#include <exception>
#include <memory>
#include <span>

namespace dragoman::sdk {

template <class D>
struct Glue {
  struct Instance {
    Host host;
    D dialect;
    explicit Instance(Host h) : host(h), dialect(h) {}
  };
  using State = typename D::Session;

  static Instance& at(void* p) noexcept { return *static_cast<Instance*>(p); }
  static State& state(void* p) noexcept { return *static_cast<State*>(p); }

  template <class F>
  static dgm_status guard(const Host& host, dgm_session session, const char* hook, F&& f) noexcept {
    try {
      return f();
    } catch (const std::exception& e) {
      try {
        host.log(LogLevel::error, std::string(hook) + ": " + e.what(), session);
      } catch (...) {
        host.log(LogLevel::error, hook, session);
      }
    } catch (...) {
      host.log(LogLevel::error, hook, session);
    }
    return DGM_E_INTERNAL;
  }

  static dgm_status create(const dgm_host_api* host_api, dgm_host* host, void** out) noexcept {
    try {
      *out = new Instance(Host(host_api, host));
      return DGM_OK;
    } catch (const std::exception& e) {
      host_api->log(host, 0, DGM_LOG_ERROR, raw(e.what()));
    } catch (...) {
      host_api->log(host, 0, DGM_LOG_ERROR, raw("create"));
    }
    return DGM_E_INTERNAL;
  }
  static dgm_status configure(void* p, const dgm_config* c, dgm_writer* why) noexcept {
    return guard(at(p).host, 0, "configure", [&]() -> dgm_status {
      if constexpr (requires(D & d, const Config& config) { d.configure(config); }) {
        try {
          at(p).dialect.configure(Config(*c));
        } catch (const std::exception& e) {
          Writer(*why).append(e.what());
          return DGM_E_INVALID;
        }
      }
      return DGM_OK;
    });
  }
  static dgm_status start(void* p) noexcept {
    return guard(at(p).host, 0, "start", [&]() -> dgm_status {
      if constexpr (requires(D & d) { d.start(); }) at(p).dialect.start();
      return DGM_OK;
    });
  }
  static void stop(void* p) noexcept {
    guard(at(p).host, 0, "stop", [&]() -> dgm_status {
      if constexpr (requires(D & d) { d.stop(); }) at(p).dialect.stop();
      return DGM_OK;
    });
  }
  static void destroy(void* p) noexcept { delete static_cast<Instance*>(p); }

  static std::int32_t upgrade(void* p, const dgm_open* o, dgm_writer* text) noexcept {
    return guard(at(p).host, 0, "upgrade", [&]() -> dgm_status {
      std::string refusal;
      unsigned status = 0;
      if constexpr (has_upgrade) status = at(p).dialect.upgrade(Open(*o), refusal);
      Writer(*text).append(refusal);
      return static_cast<dgm_status>(status);
    });
  }
  static dgm_status open(void* p, dgm_session s, const dgm_open* o, void** out) noexcept {
    return guard(at(p).host, s, "open", [&]() -> dgm_status {
      auto made = std::make_unique<State>();
      // Visible to the host from here on: subscriptions made in open() carry it.
      *out = made.get();
      try {
        at(p).dialect.open(Client(at(p).host, s), *made, Open(*o));
      } catch (...) {
        *out = nullptr;
        throw;
      }
      made.release();
      return DGM_OK;
    });
  }
  static dgm_status message(void* p, dgm_session s, void* st, std::int32_t opcode, dgm_str m) noexcept {
    return guard(at(p).host, s, "message", [&]() -> dgm_status {
      at(p).dialect.message(Client(at(p).host, s), state(st), static_cast<Opcode>(opcode), view(m));
      return DGM_OK;
    });
  }
  static void writable(void* p, dgm_session s, void* st) noexcept {
    if constexpr (has_writable)
      guard(at(p).host, s, "writable", [&]() -> dgm_status {
        at(p).dialect.writable(Client(at(p).host, s), state(st));
        return DGM_OK;
      });
  }
  static void identity(void* p, dgm_session s, void* st, const dgm_identity* i, std::int32_t why) noexcept {
    if constexpr (has_identity)
      guard(at(p).host, s, "identity", [&]() -> dgm_status {
        at(p).dialect.identity(Client(at(p).host, s), state(st), Identity(*i), static_cast<IdentityChange>(why));
        return DGM_OK;
      });
  }
  static void limited(void* p, dgm_session s, void* st) noexcept {
    if constexpr (has_limited)
      guard(at(p).host, s, "limited", [&]() -> dgm_status {
        at(p).dialect.limited(Client(at(p).host, s), state(st));
        return DGM_OK;
      });
  }
  static void bus_lost(void* p, dgm_session s, void* st) noexcept {
    if constexpr (has_bus_lost)
      guard(at(p).host, s, "bus_lost", [&]() -> dgm_status {
        at(p).dialect.bus_lost(Client(at(p).host, s), state(st));
        return DGM_OK;
      });
  }
  static void close(void* p, dgm_session s, void* st, std::uint16_t code, dgm_str reason) noexcept {
    const std::unique_ptr<State> owned(static_cast<State*>(st));
    guard(at(p).host, s, "close", [&]() -> dgm_status {
      if constexpr (requires(D & d, Client c, State & x) { d.close(c, x, code, std::string_view()); })
        at(p).dialect.close(Client(at(p).host, s), *owned, code, view(reason));
      return DGM_OK;
    });
  }
  static dgm_status map(void* p, const dgm_event* e) noexcept {
    return guard(at(p).host, 0, "map", [&]() -> dgm_status {
      if constexpr (has_map) at(p).dialect.map(Event(*e));
      return DGM_OK;
    });
  }
  static void select(void* p, const dgm_event* e, const dgm_subscription* subs, std::size_t n,
                     std::uint64_t* variants) noexcept {
    if constexpr (has_select)
      guard(at(p).host, 0, "select", [&]() -> dgm_status {
        at(p).dialect.select(Event(*e), std::span(subs, n), std::span(variants, n));
        return DGM_OK;
      });
  }
  static dgm_status encode(void* p, const dgm_event* e, std::uint64_t variant, dgm_writer* w) noexcept {
    return guard(at(p).host, 0, "encode", [&]() -> dgm_status {
      if constexpr (has_encode) {
        Writer writer(*w);
        return at(p).dialect.encode(Event(*e), variant, writer) ? DGM_OK : DGM_SKIP;
      } else {
        return DGM_E_UNSUPPORTED;
      }
    });
  }

  // dgm.http/1

  static constexpr bool has_http = requires { typename D::Request; };
  static dgm_status request(void* p, dgm_request id, const dgm_http_request* r, void** out) noexcept {
    if constexpr (has_http)
      return guard(at(p).host, 0, "request", [&]() -> dgm_status {
        auto made = std::make_unique<typename D::Request>();
        *out = made.get();
        try {
          at(p).dialect.request(HttpCall(at(p).host, id), *made, HttpRequest(*r));
        } catch (...) {
          *out = nullptr;
          throw;
        }
        made.release();
        return DGM_OK;
      });
    return DGM_E_UNSUPPORTED;
  }
  static void request_writable(void* p, dgm_request id, void* st) noexcept {
    if constexpr (has_http)
      guard(at(p).host, 0, "request_writable", [&]() -> dgm_status {
        if constexpr (requires(D & d, HttpCall c, typename D::Request & r) { d.request_writable(c, r); })
          at(p).dialect.request_writable(HttpCall(at(p).host, id), *static_cast<typename D::Request*>(st));
        return DGM_OK;
      });
  }
  static void request_close(void* p, dgm_request id, void* st) noexcept {
    if constexpr (has_http) {
      const std::unique_ptr<typename D::Request> owned(static_cast<typename D::Request*>(st));
      guard(at(p).host, 0, "request_close", [&]() -> dgm_status {
        if constexpr (requires(D & d, HttpCall c, typename D::Request & r) { d.request_close(c, r); })
          at(p).dialect.request_close(HttpCall(at(p).host, id), *owned);
        return DGM_OK;
      });
    }
  }

  static constexpr bool has_writable = requires(D & d, Client c, State& s) { d.writable(c, s); };
  static constexpr bool has_upgrade = requires(D & d, const Open& o, std::string& s) { d.upgrade(o, s); };
  static constexpr bool has_limited = requires(D & d, Client c, State& s) { d.limited(c, s); };
  static constexpr bool has_bus_lost = requires(D & d, Client c, State& s) { d.bus_lost(c, s); };
  static constexpr bool has_identity = requires(D & d, Client c, State& s, const Identity& i, IdentityChange w) {
    d.identity(c, s, i, w);
  };
  static constexpr bool has_map = requires(D & d, const Event& e) { d.map(e); };
  static constexpr bool map_feeds = requires { requires D::map_feeds; };
  static_assert(has_map || !map_feeds);
  static constexpr bool has_select =
      requires(D & d, const Event& e, std::span<const dgm_subscription> s, std::span<std::uint64_t> v) {
    d.select(e, s, v);
  };
  static void observe(void* p, const dgm_event* e) noexcept {
    guard(at(p).host, 0, "observe", [&]() -> dgm_status {
      if constexpr (has_observe) at(p).dialect.observe(Event(*e));
      return DGM_OK;
    });
  }
  static constexpr bool has_observe = requires(D & d, const Event& e) { d.observe(e); };
  static constexpr bool has_encode = requires(D & d, const Event& e, std::uint64_t v, Writer& w) { d.encode(e, v, w); };

  static constexpr dgm_dialect dialect{sizeof(dgm_dialect),
                                       map_feeds ? DGM_DIALECT_MAP_FEEDS : 0,
                                       open,
                                       message,
                                       has_writable ? writable : nullptr,
                                       has_identity ? identity : nullptr,
                                       close,
                                       has_map ? map : nullptr,
                                       has_select ? select : nullptr,
                                       has_encode ? encode : nullptr,
                                       has_observe ? observe : nullptr,
                                       has_limited ? limited : nullptr,
                                       has_upgrade ? upgrade : nullptr,
                                       has_bus_lost ? bus_lost : nullptr};
  static constexpr dgm_http http{sizeof(dgm_http), 0, request, request_writable, request_close};
  static const void* query(dgm_str id) noexcept {
    if (view(id) == DGM_EXT_DIALECT) return &dialect;
    return has_http && view(id) == DGM_EXT_HTTP ? &http : nullptr;
  }
  static constexpr dgm_plugin_api api{sizeof(dgm_plugin_api), 0, create, configure, start, stop, destroy, query};
};

}  // namespace dragoman::sdk

// In one source file of the plugin, at namespace scope.
#define DRAGOMAN_DIALECT(Class) \
  DGM_PLUGIN_ENTRY(Class::name, Class::version, Class::settings_schema, &::dragoman::sdk::Glue<Class>::api);
