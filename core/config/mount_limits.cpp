// SPDX-License-Identifier: Apache-2.0
#include "config/mount_limits.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "config/json_members.hpp"
#include "config/schema.hpp"

namespace dragoman::config {
namespace {

namespace json = boost::json;

OverflowPolicy overflow_policy(const std::string& name) {
  if (name == "drop-oldest") return OverflowPolicy::drop_oldest;
  if (name == "latest-per-key") return OverflowPolicy::latest_per_key;
  return OverflowPolicy::close;
}

const Schema& schema() {
  static const Schema limits = [] {
    const std::string_view all = schema_text();
    const json::value document = json::parse({all.data(), all.size()});
    return Schema::parse(json::serialize(document.at("$defs").at("limits")));
  }();
  return limits;
}

}  // namespace

MountLimits mount_limits(const json::object& from) {
  MountLimits out;
  set(from, "connections", out.connections);
  set(from, "connections_per_user", out.connections_per_user);
  set(from, "connections_per_address", out.connections_per_address);
  set(from, "connections_per_minute", out.connections_per_minute);
  set(from, "messages_per_second", out.messages_per_second);
  set(from, "message_bytes", out.message_bytes);
  set(from, "fragments", out.fragments);
  set(from, "control_per_second", out.control_per_second);
  set(from, "queue_bytes", out.queue_bytes);
  set(from, "queue_messages", out.queue_messages);
  out.overflow = overflow_policy(text(from, "overflow"));
  set(from, "write_stall", out.write_stall_ms);
  set(from, "ping_interval", out.ping_interval_ms);
  set(from, "pong_timeout", out.pong_timeout_ms);
  set(from, "idle", out.idle_ms);
  set(from, "close_timeout", out.close_timeout_ms);
  set(from, "subscriptions", out.subscriptions);
  return out;
}

json::object check_limit_defaults(const json::object& defaults) {
  json::value completed = defaults;
  std::vector<Error> errors;
  schema().check(completed, "limits", {}, errors);
  if (!errors.empty()) throw SchemaError(errors.front().text());
  json::object out;
  for (const auto& entry : defaults) out[entry.key()] = completed.at(entry.key());
  return out;
}

void apply_limit_defaults(MountConfig& mount, const json::object& defaults, const Locations& locations) {
  const std::string path = child_path(child_path("mounts", mount.name), "limits");
  for (const auto& entry : defaults)
    if (!locations.written(child_path(path, entry.key()))) mount.limits_values[entry.key()] = entry.value();
  mount.limits = mount_limits(mount.limits_values);
}

}  // namespace dragoman::config
