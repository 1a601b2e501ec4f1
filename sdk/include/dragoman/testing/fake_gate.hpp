// SPDX-License-Identifier: Apache-2.0
// The gate that every call of the plugin passes: is it allowed here, and is it the one that shall fail?
#pragma once
#include <dragoman/testing/fake_events.hpp>

namespace dragoman::testing::detail {

struct Gate {
  static Shard& of(dgm_host* host) { return *reinterpret_cast<Shard*>(host); }

  static dgm_status invalid(Core& core, const char* function, const char* why) {
    core.problem(std::string(function) + "(): " + why);
    return DGM_E_INVALID;
  }
  static dgm_status wrong_domain(Core& core, const char* function, const char* why) {
    core.problem(std::string(function) + "(): called " + why + (core.hook == Hook::none ? "" : ", in ") +
                 core.hook_name);
    return DGM_E_DOMAIN;
  }
  // Above 0: this call fails, and the answer is fail_with.
  static bool fails(Core& core) {
    if (++core.calls != core.fail_at) return false;
    core.failed = true;
    return true;
  }

  // A function with the tag [shard]. client: it only fails because this session or request has gone.
  template <class F>
  static dgm_status on_shard(dgm_host* host, const char* function, F&& f, std::uint64_t client = 0) noexcept {
    if (!host) return DGM_E_INVALID;
    Shard& self = of(host);
    Core& core = *self.core;
    if (std::this_thread::get_id() != core.thread) return wrong_domain(core, function, "from another thread");
    if (self.destroyed) return wrong_domain(core, function, "after destroy()");
    switch (core.hook) {
      case Hook::none:
        return wrong_domain(core, function, "outside a hook");
      case Hook::create:
      case Hook::configure:
        return wrong_domain(core, function, "before start()");
      case Hook::select:
      case Hook::encode:
      case Hook::destroy:
        return wrong_domain(core, function, "where sending is not allowed");
      case Hook::start:
      case Hook::on_shard:
        break;
    }
    if (core.inside != &self) return wrong_domain(core, function, "on the host of another shard");
    if (fails(core)) {
      core.lose(client);
      return core.fail_with;
    }
    return f(self, core);
  }

  // A function with the tag [control].
  template <class F>
  static dgm_status in_control(dgm_host* host, const char* function, bool start_too, F&& f) noexcept {
    if (!host) return DGM_E_INVALID;
    Shard& self = of(host);
    Core& core = *self.core;
    if (core.inside != &self || !(core.hook == Hook::configure || (start_too && core.hook == Hook::start)))
      return wrong_domain(core, function, start_too ? "outside configure() and start()" : "outside configure()");
    if (fails(core)) return core.fail_with;
    return f(core);
  }

  // Data of the plugin's in the newest form; what this host does not know must be zero.
  template <class T>
  static bool read_data(const T* from, T& to) {
    if (!from || from->size < 2 * sizeof(std::uint32_t)) return false;
    const auto* bytes = reinterpret_cast<const unsigned char*>(from);
    for (std::size_t i = sizeof to; i < from->size; ++i)
      if (bytes[i]) return false;
    to = T{};
    std::memcpy(static_cast<void*>(&to), from, std::min<std::size_t>(from->size, sizeof to));
    return true;
  }
  static bool readable(dgm_str s) { return s.ptr || !s.len; }

  // The session, if it is one of this shard that is not ending; else null.
  static Session* session_of(Core& core, const Shard& self, dgm_session id) {
    Session* const s = core.session(id);
    return s && s->shard == self.index && !s->closing ? s : nullptr;
  }
};

}  // namespace dragoman::testing::detail
