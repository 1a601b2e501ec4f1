// SPDX-License-Identifier: Apache-2.0
#include "config/difference.hpp"

#include <algorithm>

#include "config/address.hpp"
#include "config/json_members.hpp"

namespace dragoman::config {
namespace {

// same(a, b): both have one name.
template <class Config, class Same>
Changes compare_named(const std::vector<Config>& before, const std::vector<Config>& after, Same same) {
  Changes out;
  for (const Config& config : before) out[config.name] = Change::removed;
  for (const Config& config : after) {
    const auto old = std::find_if(before.begin(), before.end(), [&](const auto& b) { return b.name == config.name; });
    out[config.name] = old == before.end() ? Change::added : same(*old, config) ? Change::kept : Change::changed;
  }
  return out;
}

bool same_address(const ListenerConfig& a, const ListenerConfig& b) {
  if (a.name == b.name && a.address == b.address) return true;
  const auto one = parse_address(a.address), other = parse_address(b.address);
  const auto known = [](const Address& address) {
    return address.port || address.family == Address::Family::local || address.family == Address::Family::activated;
  };
  return one && other && *one == *other && (a.name == b.name || known(*one));
}

void compare_listeners(const std::vector<ListenerConfig>& before, const std::vector<ListenerConfig>& after,
                       Difference& out) {
  out.listeners = compare_named(before, after, same_address);
  for (const ListenerConfig& config : after) {
    const auto old = std::find_if(before.begin(), before.end(), [&](const auto& b) { return same_address(b, config); });
    if (old == before.end()) continue;
    out.listeners_before[config.name] = old->name;
    out.listeners[config.name] = Change::kept;
    // Its name is gone, but nothing else of it.
    if (const auto gone = out.listeners.find(old->name); gone != out.listeners.end() && gone->second == Change::removed)
      out.listeners.erase(gone);
  }
}

// Whether what is used under that name, if anything, is as it was.
bool kept(const Changes& changes, const std::string& name) {
  const auto found = changes.find(name);
  return found == changes.end() || found->second == Change::kept;
}

bool same_authenticator(const AuthenticatorConfig& a, const AuthenticatorConfig& b, const Changes& upstreams) {
  if (a.type == "static" && b.type == "static") return true;
  return a == b && kept(upstreams, b.http.upstream) &&
         std::all_of(b.jwt.keys.begin(), b.jwt.keys.end(),
                     [&](const JwtKeyConfig& key) { return kept(upstreams, key.upstream); });
}

// Where a mount is served is no part of its sessions.
bool same_mount(const MountConfig& a, MountConfig b) {
  b.listen = a.listen;
  return a == b;
}

// A translation with the buses that it names, or means by naming none.
bool same_translation(const TranslationConfig& a, const TranslationConfig& b, const Changes& buses) {
  if (a.match != b.match || a.events != b.events) return false;
  const auto on_kept = [&](const boost::json::object& at) {
    const std::string bus = text(at, "bus");
    return !bus.empty()
               ? kept(buses, bus)
               : std::all_of(buses.begin(), buses.end(), [](const auto& c) { return c.second == Change::kept; });
  };
  const bool on_one = text(b.match, "bus").empty();
  return on_kept(b.match) && std::all_of(b.events.begin(), b.events.end(), [&](const auto& event) {
           return (!on_one && text(event.as_object(), "bus").empty()) || on_kept(event.as_object());
         });
}

}  // namespace

const char* name(Change change) {
  static constexpr const char* names[] = {"kept", "changed", "added", "removed"};
  return names[static_cast<std::size_t>(change)];
}

Difference compare(const Configuration& before, const Configuration& after) {
  Difference out;
  const auto refuse = [&](bool changed, const char* what) {
    if (changed) out.refused.push_back(std::string(what) + " cannot change without a restart");
  };
  refuse(before.threads != after.threads, "threads");
  refuse(before.state_directory != after.state_directory, "state");
  refuse(before.mailbox_bytes != after.mailbox_bytes, "mailbox_bytes");
  refuse(before.cluster != after.cluster, "cluster");
  refuse(before.admin != after.admin, "admin");

  compare_listeners(before.listeners, after.listeners, out);
  out.buses = compare_named(before.buses, after.buses, [](const auto& a, const auto& b) { return a == b; });
  out.journals = compare_named(before.journals, after.journals, [](const auto& a, const auto& b) { return a == b; });
  out.upstreams = compare_named(before.upstreams, after.upstreams, [](const auto& a, const auto& b) { return a == b; });
  out.authenticators = compare_named(before.authenticators, after.authenticators, [&](const auto& a, const auto& b) {
    return same_authenticator(a, b, out.upstreams);
  });
  out.mounts = compare_named(before.mounts, after.mounts, [&](const auto& a, const auto& b) {
    return same_mount(a, b) && kept(out.buses, b.bus) && kept(out.journals, b.journal) &&
           kept(out.authenticators, b.authenticator);
  });
  out.translations = compare_named(before.translations, after.translations,
                                   [&](const auto& a, const auto& b) { return same_translation(a, b, out.buses); });

  for (const auto& [journal, change] : out.journals) refuse(change == Change::changed, ("journals." + journal).c_str());
  if (!before.cluster.bus.empty() && !kept(out.buses, before.cluster.bus))
    out.refused.push_back("buses." + before.cluster.bus +
                          ": the bus that the nodes of a cluster meet on cannot change without a restart");
  return out;
}

}  // namespace dragoman::config
