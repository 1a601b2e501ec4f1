// SPDX-License-Identifier: Apache-2.0
#include "codec/utf8.hpp"
#include "plugin/host_calls.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t id_limit = 256;

const char* wrong_with(const dgm_registered& entry) {
  if (entry.flags != 0) return "the entry has flags that this host does not know";
  if (!readable(entry.id, id_limit) || !entry.id.len) return "the id is empty, null or too long";
  if (!readable(entry.group, id_limit)) return "the group is null or too long";
  if (!readable(entry.data, value_limit)) return "the data is null or too long";
  for (const dgm_str text : {entry.id, entry.group, entry.data})
    if (!codec::valid_utf8(view(text))) return "the entry is not UTF-8";
  return nullptr;
}

}  // namespace

struct HostCalls::Registry {
  static dgm_status put(dgm_host* host, dgm_session session, const dgm_registered* from) noexcept {
    return on_shard(host, "put", [&](Instance& self) {
      dgm_registered entry;
      if (!read_data(from, entry)) return invalid(self, "put", "the entry is null or of a wrong size");
      if (const char* const wrong = wrong_with(entry)) return invalid(self, "put", wrong);
      return services(self).put_registered(session, entry);
    });
  }
  static dgm_status remove(dgm_host* host, dgm_session session) noexcept {
    return on_shard(host, "remove", [&](Instance& self) { return services(self).remove_registered(session); });
  }
  static dgm_status list(dgm_host* host, std::uint64_t owner, dgm_str group, std::uint32_t flags,
                         dgm_registry_done done, void* user) noexcept {
    return on_shard(host, "list", [&](Instance& self) {
      if (flags & ~std::uint32_t{DGM_REGISTRY_ALL | DGM_REGISTRY_LOCAL})
        return invalid(self, "list", "the flags are not known");
      if (!done) return invalid(self, "list", "done is null");
      // It may come from a client: too long is a group that nobody has.
      if (!readable(group, value_limit)) return dgm_status{DGM_E_INVALID};
      return services(self).list_registered(owner, view(group), flags, done, user);
    });
  }
  static dgm_status find(dgm_host* host, std::uint64_t owner, dgm_str id, std::uint32_t flags, dgm_registry_done done,
                         void* user) noexcept {
    return on_shard(host, "find", [&](Instance& self) {
      if (flags & ~std::uint32_t{DGM_REGISTRY_LOCAL}) return invalid(self, "find", "the flags are not known");
      if (!done) return invalid(self, "find", "done is null");
      if (!readable(id, value_limit)) return dgm_status{DGM_E_INVALID};
      return services(self).find_registered(owner, view(id), flags, done, user);
    });
  }
};

const dgm_host_registry& registry_table() {
  static constexpr dgm_host_registry table = {sizeof table,
                                              0,
                                              HostCalls::Registry::put,
                                              HostCalls::Registry::remove,
                                              HostCalls::Registry::list,
                                              HostCalls::Registry::find};
  return table;
}

}  // namespace dragoman::plugin
