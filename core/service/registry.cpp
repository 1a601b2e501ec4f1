// SPDX-License-Identifier: Apache-2.0
#include "service/registry.hpp"

namespace dragoman::service {
namespace {

std::vector<RegisteredPtr> values(const std::map<std::uint64_t, RegisteredPtr>& entries) {
  std::vector<RegisteredPtr> out;
  out.reserve(entries.size());
  for (const auto& entry : entries) out.push_back(entry.second);
  return out;
}

}  // namespace

bool Registry::put(Registered entry) {
  const auto made = std::make_shared<const Registered>(std::move(entry));
  const std::lock_guard lock(mutex_);
  const auto taken = ids_.find(made->id);
  const auto known = sessions_.find(made->session);
  if (taken != ids_.end() && (known == sessions_.end() || known->second.order != taken->second)) return false;
  const Order order = known == sessions_.end() ? ++last_ : known->second.order;
  if (known != sessions_.end()) {
    ids_.erase(known->second.id);
    if (known->second.group != made->group) {
      const auto group = groups_.find(known->second.group);
      group->second.erase(order);
      if (group->second.empty()) groups_.erase(group);
    }
  }
  ids_[made->id] = order;
  entries_[order] = made;
  groups_[made->group][order] = made;
  sessions_[made->session] = {order, made->id, made->group};
  return true;
}

bool Registry::remove(std::uint64_t session) {
  const std::lock_guard lock(mutex_);
  const auto known = sessions_.find(session);
  if (known == sessions_.end()) return false;
  const Place place = std::move(known->second);
  sessions_.erase(known);
  ids_.erase(place.id);
  entries_.erase(place.order);
  const auto group = groups_.find(place.group);
  group->second.erase(place.order);
  if (group->second.empty()) groups_.erase(group);
  return true;
}

std::vector<RegisteredPtr> Registry::all() const {
  const std::lock_guard lock(mutex_);
  return values(entries_);
}

std::vector<RegisteredPtr> Registry::of_group(std::string_view group) const {
  const std::lock_guard lock(mutex_);
  const auto found = groups_.find(group);
  return found == groups_.end() ? std::vector<RegisteredPtr>() : values(found->second);
}

RegisteredPtr Registry::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(id);
  return found == ids_.end() ? nullptr : entries_.at(found->second);
}

RegisteredPtr Registry::of_session(std::uint64_t session) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : entries_.at(found->second.order);
}

std::size_t Registry::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace dragoman::service
