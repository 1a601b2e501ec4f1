// SPDX-License-Identifier: Apache-2.0
#include "gateway/mount_registry.hpp"

#include "plugin/arguments.hpp"

namespace dragoman::gateway {
namespace {

dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}

}  // namespace

dgm_status MountRegistry::put(dgm_session session, const dgm_registered& entry) {
  const bool taken = !registry_.put({session, std::string(plugin::view(entry.id)),
                                     std::string(plugin::view(entry.group)), std::string(plugin::view(entry.data))});
  return taken ? DGM_E_INVALID : DGM_OK;
}

dgm_status MountRegistry::list(std::uint32_t* owner, std::string_view group, bool all, dgm_registry_done done,
                               void* user) {
  return answer(owner, all ? registry_.all() : registry_.of_group(group), done, user);
}

dgm_status MountRegistry::find(std::uint32_t* owner, std::string_view id, dgm_registry_done done, void* user) {
  std::vector<service::RegisteredPtr> entries;
  if (auto found = registry_.find(id)) entries.push_back(std::move(found));
  return answer(owner, std::move(entries), done, user);
}

dgm_status MountRegistry::answer(std::uint32_t* owner, std::vector<service::RegisteredPtr> entries,
                                 dgm_registry_done done, void* user) {
  const dgm_op op = operations_.start_call(owner, [this, done, user] {
    instance_.completed(plugin::Hook::registry_done, [&] { done(user, DGM_E_CANCELED, nullptr, 0, 0); });
  });
  if (!op) return DGM_E_DROPPED;
  loop_.post([this, op, entries = std::move(entries), done, user] {
    if (!operations_.take_call(op)) return;
    std::vector<dgm_registered> raw;
    raw.reserve(entries.size());
    for (const auto& entry : entries)
      raw.push_back({sizeof(dgm_registered), 0, entry->session, str(entry->id), str(entry->group), str(entry->data)});
    instance_.completed(plugin::Hook::registry_done, [&] { done(user, DGM_OK, raw.data(), raw.size(), 1); });
  });
  return DGM_OK;
}

}  // namespace dragoman::gateway
