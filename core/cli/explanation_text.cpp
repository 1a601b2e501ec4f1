// SPDX-License-Identifier: Apache-2.0
#include "cli/explanation_text.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/rfc3339.hpp"
#include "cli/printable.hpp"

namespace dragoman::cli {
namespace json = boost::json;
namespace {

using gateway::ExplainedEvent;
using gateway::ExplainedMount;

constexpr std::size_t longest_body = 2000;

const char* name(ExplainedMount::Way way) {
  switch (way) {
    case ExplainedMount::Way::direct:
      return "direct";
    case ExplainedMount::Way::mapped:
      return "mapped";
    case ExplainedMount::Way::stored:
      return "stored";
    case ExplainedMount::Way::silent:
      return "silent";
  }
  return "";
}

std::string address(std::string_view channel, std::string_view key) {
  return fmt::format("channel \"{}\", key \"{}\"", printable(channel), printable(key));
}

std::string event_text(const ExplainedEvent& from, const std::string& indent) {
  const event::Event& e = *from.event;
  std::string out = fmt::format("{}id {}, bus {}, {}\n", indent, printable(e.id), from.bus, address(e.channel, e.key));
  for (const auto& attribute : e.attributes)
    out += fmt::format("{}attribute {}: {}\n", indent, printable(attribute.name), printable(attribute.value));
  out += fmt::format("{}body {}{}\n", indent, printable(e.body.substr(0, longest_body)),
                     e.body.size() > longest_body ? "..." : "");
  if (from.mounts.empty()) out += indent + "no mount takes it\n";
  for (const ExplainedMount& mount : from.mounts) {
    out += fmt::format("{}mount {} ({})", indent, mount.mount, mount.plugin);
    switch (mount.way) {
      case ExplainedMount::Way::direct:
        out += ": sessions that subscribed to it\n";
        break;
      case ExplainedMount::Way::mapped:
        out += ": sessions that subscribed to\n";
        for (const auto& [channel, key] : mount.keys) out += fmt::format("{}  {}\n", indent, address(channel, key));
        break;
      case ExplainedMount::Way::stored:
        out += ": kept in its journal first, then its sessions, unless the dialect refuses it\n";
        break;
      case ExplainedMount::Way::silent:
        out += ": its dialect makes nothing of it, or has to ask elsewhere first\n";
        break;
    }
  }
  return out;
}

json::object event_json(const ExplainedEvent& from) {
  const event::Event& e = *from.event;
  json::object attributes;
  for (const auto& attribute : e.attributes) attributes[attribute.name] = attribute.value;
  json::array mounts;
  for (const ExplainedMount& mount : from.mounts) {
    json::array subscriptions;
    for (const auto& [channel, key] : mount.keys)
      subscriptions.push_back(json::object{{"channel", channel}, {"key", key}});
    mounts.push_back(json::object{{"mount", mount.mount},
                                  {"plugin", mount.plugin},
                                  {"way", name(mount.way)},
                                  {"subscriptions", std::move(subscriptions)}});
  }
  return {{"id", e.id},
          {"bus", from.bus},
          {"channel", e.channel},
          {"key", e.key},
          {"time", base::format_rfc3339(e.time_ms)},
          {"attributes", std::move(attributes)},
          {"content_type", e.content_type},
          {"body", e.body},
          {"mounts", std::move(mounts)}};
}

}  // namespace

std::string to_text(const gateway::Explanation& explanation) {
  std::string out = "The event\n" + event_text(explanation.source, "  ");
  for (const gateway::ExplainedRule& rule : explanation.rules) {
    if (!rule.matched) {
      out += fmt::format("translation {}: does not match: {}\n", rule.name, printable(rule.why));
      continue;
    }
    out += fmt::format("translation {}: matches\n", rule.name);
    for (std::size_t i = 0; i < rule.outputs.size(); ++i) {
      const auto& output = rule.outputs[i];
      if (output.made.event)
        out += fmt::format("  event {}\n{}", i + 1, event_text(output.made, "    "));
      else
        out += fmt::format("  event {}: dropped: {}\n", i + 1, output.outcome);
    }
  }
  return out;
}

json::object to_json(const gateway::Explanation& explanation) {
  json::array rules;
  for (const gateway::ExplainedRule& rule : explanation.rules) {
    json::object to{{"translation", rule.name}, {"matched", rule.matched}};
    if (!rule.matched) to["why"] = rule.why;
    json::array outputs;
    for (const auto& output : rule.outputs) {
      json::object one{{"outcome", output.outcome}};
      if (output.made.event) one["event"] = event_json(output.made);
      outputs.push_back(std::move(one));
    }
    if (rule.matched) to["events"] = std::move(outputs);
    rules.push_back(std::move(to));
  }
  return {{"event", event_json(explanation.source)}, {"translations", std::move(rules)}};
}

}  // namespace dragoman::cli
