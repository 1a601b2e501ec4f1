// SPDX-License-Identifier: Apache-2.0
// The gate that every call from a plugin to the host passes: host, domain, arguments. Behind it stands the mount's
// service. Used by the files of the host's tables only.
#pragma once
#include <string_view>
#include <thread>

#include "plugin/arguments.hpp"
#include "plugin/instance.hpp"

namespace dragoman::plugin {

struct HostCalls {
  static Instance& of(dgm_host* host) { return *reinterpret_cast<Instance*>(host); }
  static MountServices& services(Instance& self) { return self.services_; }

  // Refuses an argument.
  static dgm_status invalid(Instance& self, const char* function, const char* reason) {
    self.violation(function, reason);
    return DGM_E_INVALID;
  }

  // Why a [shard] function may not be called now; null: it may.
  static const char* wrong_domain(Instance& self) {
    if (!self.services_.on_shard()) return "called outside the shard's thread";
    switch (self.current_.load(std::memory_order_relaxed)) {
      case Hook::select:
      case Hook::encode:
        return "called inside select() or encode()";
      case Hook::create:
      case Hook::configure:
        return "called before start()";
      case Hook::destroy:
        return "called inside destroy()";
      default:
        return self.in_host_call_ ? "called from inside another call to the host" : nullptr;
    }
  }

  template <class Body>
  static dgm_status on_shard(dgm_host* host, const char* function, Body&& body) noexcept {
    if (!host) return DGM_E_INVALID;
    Instance& self = of(host);
    try {
      if (const char* const reason = wrong_domain(self)) {
        self.violation(function, reason);
        return DGM_E_DOMAIN;
      }
      struct Inside {
        explicit Inside(bool& flag) : flag_(flag) { flag_ = true; }
        ~Inside() { flag_ = false; }
        bool& flag_;
      } const inside(self.in_host_call_);
      return body(self);
    } catch (...) {
      return DGM_E_INTERNAL;
    }
  }

  // [control] functions: on the thread that is inside configure(), or start() where that is allowed.
  template <class Body>
  static dgm_status in_control(dgm_host* host, const char* function, bool start_too, Body&& body) noexcept {
    if (!host) return DGM_E_INVALID;
    Instance& self = of(host);
    try {
      const Hook hook = self.current_.load(std::memory_order_relaxed);
      const bool phase = hook == Hook::configure || (start_too && hook == Hook::start);
      if (!phase || self.control_thread_.load(std::memory_order_relaxed) != std::this_thread::get_id()) {
        self.violation(function, start_too ? "called outside configure() and start()" : "called outside configure()");
        return DGM_E_DOMAIN;
      }
      return body(self);
    } catch (...) {
      return DGM_E_INTERNAL;
    }
  }

  static dgm_status add_route(Instance& self, Route route) {
    if (self.routes_.size() >= 64) return DGM_E_DROPPED;
    self.routes_.push_back(std::move(route));
    return DGM_OK;
  }

  // The functions of the tables.
  struct Core;
  struct Http;
  struct Journal;
  struct Registry;
  struct Upstream;
};

const dgm_host_http& http_table();
const dgm_host_journal& journal_table();
const dgm_host_registry& registry_table();
const dgm_host_upstream& upstream_table();

}  // namespace dragoman::plugin
