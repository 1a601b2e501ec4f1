// SPDX-License-Identifier: Apache-2.0
#include "device_directory.hpp"

#include "common/clock.hpp"
#include "device.hpp"

namespace valtronics {
namespace {

using Kind = Json::Kind;

constexpr std::uint32_t timeout_ms = 5000;
constexpr std::int64_t retry_ms = 10'000;

const Json* list_of(const Json& root) {
  if (root.is(Kind::array)) return &root;
  for (const char* name : {"items", "devices", "data"})
    if (const Json* list = root.find(name, Kind::array)) return list;
  return nullptr;
}

}  // namespace

std::optional<std::map<std::string, std::uint64_t>> parse_devices(std::string_view body) {
  const auto root = parse_json(body);
  const Json* list = root ? list_of(*root) : nullptr;
  if (!list) return std::nullopt;
  std::map<std::string, std::uint64_t> out;
  for (const Json& entry : list->elements) {
    const Json* id = entry.find("id", Kind::number);
    const Json* code = entry.find("device_id", Kind::string);
    const auto number = id ? device_of_json(*id) : std::nullopt;
    if (number && code) out[code->text] = std::stoull(*number);
  }
  return out;
}

bool DeviceDirectory::ask(Answered answered) {
  if (settings_.devices_upstream.empty() || asking_ || dialects::steady_ms() < again_ms_) return false;
  sdk::Fetch fetch;
  fetch.upstream = settings_.devices_upstream;
  fetch.path = settings_.devices_path;
  fetch.headers = {{"Accept", "application/json"}};
  fetch.timeout_ms = timeout_ms;
  again_ms_ = dialects::steady_ms() + retry_ms;
  const dgm_status status = sdk::Upstreams(host_).fetch(
      0, fetch,
      [this, answered = std::move(answered)](dgm_status result, const sdk::Fetched* answer, std::string_view why) {
        asking_ = false;
        if (result == DGM_E_CANCELED) return;
        const auto devices = answer && answer->status() == 200 ? parse_devices(answer->body()) : std::nullopt;
        if (devices)
          again_ms_ = dialects::steady_ms() + settings_.devices_refresh.count();
        else
          host_.log(sdk::LogLevel::warn,
                    "the list of devices cannot be read: " +
                        (answer ? "status " + std::to_string(answer->status()) : std::string(why)));
        answered(devices ? &*devices : nullptr);
      });
  asking_ = status >= 0;
  return asking_;
}

}  // namespace valtronics
