// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gateway/gateway_impl.hpp"
#include "gateway/translations.hpp"

namespace dragoman::gateway {
namespace {

// Of rules that are the same in the configuration.
bool on_same_buses(const translation::Rule& a, const translation::Rule& b) {
  return a.bus == b.bus && std::equal(a.outputs.begin(), a.outputs.end(), b.outputs.begin(), b.outputs.end(),
                                      [](const auto& x, const auto& y) { return x.bus == y.bus; });
}

}  // namespace

void Gateway::Impl::make_translations(Building& building) {
  World& next = building.next;
  auto made = std::make_shared<RunningTranslations>();
  made->translator = make_translator(next, last_bus, building.errors);
  if (!made->translator) return;
  on_shard(*shards.front(), [&] { check_audience(*made->translator, next, building.errors); });
  bool same = !world.translations.empty() && world.configuration.translations == next.configuration.translations &&
              world.configuration.translation_limits == next.configuration.translation_limits;
  for (const auto& rule : made->translator->rules()) {
    const config::Change change = building.difference.translations[rule->name];
    bool upgraded = false;
    if (change == config::Change::kept)
      for (const auto& before : world.translations.front()->translator->rules())
        upgraded = upgraded || (before->name == rule->name && !on_same_buses(*before, *rule));
    same = same && !upgraded && change == config::Change::kept;
    building.report.entries.push_back({"translation", rule->name, upgraded ? "upgraded" : config::name(change), 0, {}});
  }
  report_removed(building.report, "translation", building.difference.translations);
  if (same) {
    next.translations = world.translations;
    return;
  }
  for (const auto& bus : next.buses) {
    auto& addresses = made->addresses[bus->address->number];
    addresses.push_back(bus->address);
    for (const World* each : {&world, &retiring})
      for (const auto& other : each->buses)
        if (other != bus && name_of(*other) == name_of(*bus)) addresses.push_back(other->address);
  }
  for (const auto& bus : building.added.buses) delivery.use(*bus, made);
  building.added.translations.push_back(made);
  next.translations.push_back(std::move(made));
}

// Of the buses that stay. Those that end keep them to their end.
void Gateway::Impl::forget_wishes(const RunningTranslations& translations) {
  each_wish(translations, world.buses, [](bus::Wishes& wishes, const bus::Wish& wish) { wishes.remove(wish); });
  for (const auto& bus : world.buses)
    if (bus->wishes) bus->wishes->flush();
}

}  // namespace dragoman::gateway
