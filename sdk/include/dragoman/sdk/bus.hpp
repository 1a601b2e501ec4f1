// SPDX-License-Identifier: Apache-2.0
// The C++ face of dgm.bus/1. A bus is a class:
//
//   struct Carrier {
//     static constexpr const char* name = "carrier";
//     static constexpr const char* version = "1.0.0";
//     static constexpr const char* settings_schema = R"({"type": "object"})";
//     explicit Carrier(dragoman::sdk::BusHost);
//     void configure(const dragoman::sdk::Config&);  // what it throws is shown to the admin; optional
//     void start();
//     void stop();                                   // ends its threads
//     void watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed);
//     dgm_status publish(std::span<const dgm_event>, dragoman::sdk::BusDone);
//   };
//   DRAGOMAN_BUS(Carrier)
//
// Threads and errors as ext/bus.h says. What start() or publish() throws is logged.
#pragma once
#include <dragoman/ext/bus.h>
#include <dragoman/sdk/event.hpp>
#include <dragoman/sdk/host.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace dragoman::sdk {

// The host of a bus. Any thread; copyable; valid until stop() has returned.
class BusHost {
 public:
  BusHost(const dgm_host_api* api, dgm_host* self)
      : api_(api),
        self_(self),
        table_(static_cast<const dgm_host_bus*>(api->query(self, {DGM_EXT_BUS, sizeof DGM_EXT_BUS - 1}))) {}

  // Blocks while the gateway is full. done(status) may be empty; it is called once unless the answer is below 0.
  using Done = std::function<void(dgm_status)>;
  dgm_status deliver(std::span<const dgm_event> events, Done done = {}) const {
    if (!done) return table_->deliver(self_, events.data(), events.size(), nullptr, nullptr);
    auto waiting = std::make_unique<Done>(std::move(done));
    const dgm_status status = table_->deliver(
        self_, events.data(), events.size(),
        [](void* user, dgm_status result) {
          const std::unique_ptr<Done> w(static_cast<Done*>(user));
          try {
            (*w)(result);
          } catch (...) {
            // The events are delivered; there is nobody to tell.
          }
        },
        waiting.get());
    if (status >= 0) waiting.release();
    return status;
  }
  void connected() const { table_->connected(self_, 1, {}); }
  void lost(std::string_view why) const { table_->connected(self_, 0, raw(why)); }
  void dropped(std::uint64_t messages) const { table_->dropped(self_, messages); }
  void log(LogLevel level, std::string_view text) const noexcept {
    api_->log(self_, 0, static_cast<std::int32_t>(level), raw(text));
  }

 private:
  const dgm_host_api* api_;
  dgm_host* self_;
  const dgm_host_bus* table_;
};

// Who is told what became of published events. To be called exactly once; copyable.
class BusDone {
 public:
  BusDone(dgm_published done, void* user) : done_(done), user_(user) {}
  void operator()(dgm_status status) const { done_(user_, status); }

 private:
  dgm_published done_;
  void* user_;
};

template <class B>
struct BusGlue {
  struct Instance {
    BusHost host;
    B bus;
    explicit Instance(BusHost h) : host(h), bus(h) {}
  };
  static Instance& at(void* p) noexcept { return *static_cast<Instance*>(p); }

  template <class F>
  static dgm_status guard(const BusHost& host, const char* function, F&& f) noexcept {
    try {
      return f();
    } catch (const std::exception& e) {
      try {
        host.log(LogLevel::error, std::string(function) + ": " + e.what());
      } catch (...) {
        host.log(LogLevel::error, function);
      }
    } catch (...) {
      host.log(LogLevel::error, function);
    }
    return DGM_E_INTERNAL;
  }

  static dgm_status create(const dgm_host_api* host_api, dgm_host* self, void** out) noexcept {
    try {
      *out = new Instance(BusHost(host_api, self));
      return DGM_OK;
    } catch (const std::exception& e) {
      host_api->log(self, 0, DGM_LOG_ERROR, raw(e.what()));
    } catch (...) {
      host_api->log(self, 0, DGM_LOG_ERROR, raw("create"));
    }
    return DGM_E_INTERNAL;
  }
  static dgm_status configure(void* p, const dgm_config* c, dgm_writer* why) noexcept {
    return guard(at(p).host, "configure", [&]() -> dgm_status {
      if constexpr (requires(B & b, const Config& config) { b.configure(config); }) {
        try {
          at(p).bus.configure(Config(*c));
        } catch (const std::exception& e) {
          Writer(*why).append(e.what());
          return DGM_E_INVALID;
        }
      }
      return DGM_OK;
    });
  }
  static dgm_status start(void* p) noexcept {
    return guard(at(p).host, "start", [&]() -> dgm_status {
      at(p).bus.start();
      return DGM_OK;
    });
  }
  static void stop(void* p) noexcept {
    guard(at(p).host, "stop", [&]() -> dgm_status {
      at(p).bus.stop();
      return DGM_OK;
    });
  }
  static void destroy(void* p) noexcept { delete static_cast<Instance*>(p); }
  static void watch(void* p, const dgm_wish* added, std::size_t n_added, const dgm_wish* removed,
                    std::size_t n_removed) noexcept {
    guard(at(p).host, "watch", [&]() -> dgm_status {
      at(p).bus.watch(std::span(added, n_added), std::span(removed, n_removed));
      return DGM_OK;
    });
  }
  static dgm_status publish(void* p, const dgm_event* events, std::size_t n, dgm_published done, void* user) noexcept {
    return guard(at(p).host, "publish", [&] { return at(p).bus.publish(std::span(events, n), BusDone(done, user)); });
  }

  static constexpr dgm_bus bus{sizeof(dgm_bus), 0, watch, publish};
  static const void* query(dgm_str id) noexcept { return view(id) == DGM_EXT_BUS ? &bus : nullptr; }
  static constexpr dgm_plugin_api api{sizeof(dgm_plugin_api), 0, create, configure, start, stop, destroy, query};
};

}  // namespace dragoman::sdk

// In one source file of the plugin, at namespace scope.
#define DRAGOMAN_BUS(Class) \
  DGM_PLUGIN_ENTRY(Class::name, Class::version, Class::settings_schema, &::dragoman::sdk::BusGlue<Class>::api);
