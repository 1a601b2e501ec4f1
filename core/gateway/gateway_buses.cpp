// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "base/clock.hpp"
#include "bus/embedded.hpp"
#include "gateway/gateway_impl.hpp"

namespace dragoman::gateway {
namespace {

using config::Change;

// A broker that is there answers in much less.
constexpr unsigned connect_seconds = 5;

}  // namespace

Gateway::Impl::Claim Gateway::Impl::claimed_setting(const Building& building, const RunningBus& bus) const {
  const auto text = [](const RunningBus& of, const std::string& name) {
    const boost::json::value* value = of.config.settings.if_contains(name);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
  };
  const auto claims = [&](const RunningBus& other, const std::string& name) {
    return other.config.plugin == bus.config.plugin && !text(bus, name).empty() && text(other, name) == text(bus, name);
  };
  const auto goes = [&](const RunningBus& other) {
    const auto change = building.difference.buses.find(name_of(other));
    return name_of(other) == name_of(bus) || change->second != Change::kept;
  };
  if (!bus.file) return {};
  for (const std::string& name : bus.file->exclusive) {
    for (const auto& other : world.buses)
      if (goes(*other) && claims(*other, name)) return {&name, other.get()};
    for (const auto& other : retiring.buses)
      if (claims(*other, name)) return {&name, other.get()};
  }
  return {};
}

void Gateway::Impl::make_buses(Building& building, Builder& builder) {
  for (const auto& config : building.configuration.buses) {
    const bool embedded = config.plugin == "embedded";
    const PluginPtr file = embedded ? nullptr : builder.find(config.plugin, "buses." + config.name, Role::bus);
    if (!embedded && !file) continue;
    const auto before = find_named(world.buses, config.name);
    Change change = building.difference.buses[config.name];
    const bool replaced = change == Change::kept && before->file != file;
    // Two at once would stand in each other's way.
    const bool alone =
        before && ((nodes && before->address->number == nodes_bus) || claimed_setting(building, *before).setting);
    if (change == Change::kept && (!replaced || alone)) {
      building.next.buses.push_back(before);
      building.report.entries.push_back({"bus", config.name, "kept", 0, replaced ? after_restart : ""});
      continue;
    }
    building.report.entries.push_back({"bus", config.name, replaced ? "upgraded" : config::name(change), 0, {}});
    auto made = std::make_shared<RunningBus>();
    made->config = config;
    made->address = std::make_shared<BusAddress>();
    made->address->number = last_bus++;
    made->address->keeps = std::make_unique<std::atomic<bool>[]>(shards.size());
    made->file = file;
    made->retired = running.load();
    if (embedded) {
      made->bus = std::make_unique<bus::EmbeddedBus>(deliver_from(*made));
    } else {
      auto instance = builder.bus(made->config, file);
      if (!instance) continue;
      instance->on_change([this, number = made->address->number](bool connected) {
        if (!stopping) bus_changed(number, connected);
      });
      made->plugin = instance.get();
      made->wishes = std::make_unique<bus::Wishes>(*instance);
      made->bus = std::move(instance);
      Claim claim;
      const auto uses = [&](const RunningMount& mount) { return mount.bus.get() == claim.by; };
      do claim = claimed_setting(building, *made);
      while (claim.setting && sweep_idle(claim.by->lives_until_ms, uses));
      if (claim.setting)
        building.errors.push_back("buses." + config.name + ".settings." + *claim.setting +
                                  ": the bus as it was uses this one until its last client has gone, and the two "
                                  "cannot share it: choose another, or restart");
    }
    building.added.buses.push_back(made);
    building.next.buses.push_back(std::move(made));
  }
  report_removed(building.report, "bus", building.difference.buses);
}

void Gateway::Impl::start_buses(Building& building) {
  for (const auto& bus : building.added.buses) {
    if (!bus->plugin) continue;
    if (const std::string why = bus->plugin->start(deliver_from(*bus)); !why.empty())
      building.errors.push_back("buses." + bus->config.name + ": " + why);
  }
}

void Gateway::Impl::await_buses(Building& building) {
  const std::int64_t deadline = base::monotonic_ms() + connect_seconds * 1000;
  for (const auto& bus : building.added.buses) {
    const auto before = find_named(world.buses, name_of(*bus));
    if (before && !before->bus->connected()) continue;
    while (!bus->bus->connected() && !stopping && base::monotonic_ms() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (bus->bus->connected() || !before) continue;
    const std::string why = bus->plugin->trouble();
    building.errors.push_back("buses." + name_of(*bus) + ": it was not connected within " +
                              std::to_string(connect_seconds) + " seconds, and the one before is" +
                              (why.empty() ? "" : ": " + why));
  }
}

}  // namespace dragoman::gateway
