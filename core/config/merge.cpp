// SPDX-License-Identifier: Apache-2.0
#include "config/merge.hpp"

#include <utility>

namespace dragoman::config {
namespace {

namespace json = boost::json;

void merge_at(json::value& base, json::value&& over, const std::string& path, Locations::Replacement& places) {
  if (!base.is_object() || !over.is_object()) {
    base = std::move(over);
    places.replace(path);
    return;
  }
  for (auto& member : over.get_object()) {
    const std::string member_path = child_path(path, std::string_view(member.key().data(), member.key().size()));
    if (json::value* present = base.get_object().if_contains(member.key())) {
      merge_at(*present, std::move(member.value()), member_path, places);
    } else {
      base.get_object().emplace(member.key(), std::move(member.value()));
      places.replace(member_path);
    }
  }
}

}  // namespace

void merge(json::value& base, Locations& base_locations, json::value&& over, const Locations& over_locations) {
  Locations::Replacement places(base_locations, over_locations);
  merge_at(base, std::move(over), {}, places);
}

}  // namespace dragoman::config
