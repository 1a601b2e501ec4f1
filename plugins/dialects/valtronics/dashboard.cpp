// SPDX-License-Identifier: Apache-2.0
#include "dashboard.hpp"

#include "common/json_string.hpp"
#include "json_text.hpp"

namespace valtronics {

using dialects::quote;

DashboardRequest parse_dashboard_request(std::string_view text, const DeviceTable& devices) {
  using Kind = DashboardRequest::Kind;
  const auto root = parse_json(text);
  if (!root) return {Kind::invalid, "", ""};
  const Json* type = root->find("type", Json::Kind::string);
  DashboardRequest out{Kind::unknown, "", type ? std::string(shorten(type->text, 64)) : std::string()};
  if (const Json* id = root->find("device_id"))
    out.device = (id->is(Json::Kind::string) ? devices.find(id->text) : device_of_json(*id)).value_or(std::string());
  if (out.type == "ping") out.kind = Kind::ping;
  if (out.type == "auth") out.kind = Kind::authenticate;
  if (out.device.empty()) return out;
  if (out.type == "subscribe_device") out.kind = Kind::subscribe;
  if (out.type == "unsubscribe_device") out.kind = Kind::unsubscribe;
  if (out.type == "get_device_status") out.kind = Kind::status;
  return out;
}

std::string dashboard_confirmation(bool subscribed, std::string_view device) {
  return std::string(R"({"type":")")
      .append(subscribed ? "subscription_confirmed" : "unsubscription_confirmed")
      .append(R"(","device_id":)")
      .append(device)
      .append("}");
}

std::string dashboard_status(std::string_view device, const DeviceState* state, std::string_view timestamp) {
  if (!state) return dashboard_error("Device not found");
  return std::string(R"({"type":"device_status","device_id":)")
      .append(device)
      .append(R"(,"status":)")
      .append(quote(state->status.empty() ? "unknown" : state->status))
      .append(R"(,"last_seen":)")
      .append(state->last_seen.empty() ? "null" : quote(state->last_seen))
      .append(R"(,"timestamp":)")
      .append(quote(timestamp))
      .append("}");
}

std::string dashboard_error(std::string_view text) {
  return R"({"error":)" + quote(text) + "}";
}

}  // namespace valtronics
