// SPDX-License-Identifier: Apache-2.0
// What a dialect tells of its sessions, and asks about those of its mount on all shards (ext/registry.h). Completions
// run on the shard, exactly once, later, unless the call answers below 0; what they throw is logged.
#pragma once
#include <dragoman/ext/registry.h>
#include <dragoman/sdk/host.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace dragoman::sdk {

// One entry of an answer; a view, valid during the completion that got it.
class Registered {
 public:
  explicit Registered(const dgm_registered& r) : r_(r) {}
  std::string_view id() const { return view(r_.id); }
  std::string_view group() const { return view(r_.group); }
  std::string_view data() const { return view(r_.data); }

 private:
  const dgm_registered& r_;
};

// Copyable; valid as long as the plugin instance.
class Registry {
 public:
  explicit Registry(Host host) : host_(host), table_(host.registry_table()) {}

  dgm_status put(dgm_session session, std::string_view id, std::string_view group, std::string_view data) const {
    dgm_registered r{};
    r.size = sizeof r;
    r.id = raw(id);
    r.group = raw(group);
    r.data = raw(data);
    return table_.put(host_.self(), session, &r);
  }
  dgm_status remove(dgm_session session) const { return table_.remove(host_.self(), session); }

  // Whose sessions are asked for.
  enum class Scope : std::uint32_t { cluster = 0, node = DGM_REGISTRY_LOCAL };
  // complete is false when another node has not answered.
  using Done = std::function<void(dgm_status, std::span<const dgm_registered>, bool complete)>;
  dgm_status list_all(std::uint64_t owner, Done done, Scope scope = Scope::cluster) const {
    return ask(std::move(done), [&](void* user) {
      return table_.list(host_.self(), owner, {}, DGM_REGISTRY_ALL | flags(scope), finish, user);
    });
  }
  dgm_status list(std::uint64_t owner, std::string_view group, Done done, Scope scope = Scope::cluster) const {
    return ask(std::move(done),
               [&](void* user) { return table_.list(host_.self(), owner, raw(group), flags(scope), finish, user); });
  }
  dgm_status find(std::uint64_t owner, std::string_view id, Done done, Scope scope = Scope::cluster) const {
    return ask(std::move(done),
               [&](void* user) { return table_.find(host_.self(), owner, raw(id), flags(scope), finish, user); });
  }

 private:
  static std::uint32_t flags(Scope scope) { return static_cast<std::uint32_t>(scope); }
  struct Waiting {
    Host host;
    Done done;
  };
  template <class Call>
  dgm_status ask(Done done, Call&& call) const {
    auto waiting = std::make_unique<Waiting>(Waiting{host_, std::move(done)});
    const dgm_status status = call(waiting.get());
    if (status >= 0) waiting.release();
    return status;
  }
  static void finish(void* user, dgm_status status, const dgm_registered* entries, std::size_t n,
                     std::int32_t complete) noexcept {
    const std::unique_ptr<Waiting> w(static_cast<Waiting*>(user));
    guard_completion(w->host, "registry", [&] { w->done(status, std::span(entries, n), complete != 0); });
  }

  Host host_;
  const dgm_host_registry& table_;
};

}  // namespace dragoman::sdk
