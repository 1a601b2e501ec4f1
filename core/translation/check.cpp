// SPDX-License-Identifier: Apache-2.0
#include "translation/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/suggest.hpp"
#include "translation/key_overlap.hpp"

namespace dragoman::translation {
namespace json = boost::json;
namespace {

using config::child_path;
using config::quoted;

// Whether both can hold for one body or one set of attributes.
bool contradict(const Condition& a, const Condition& b) {
  if (!a.in_body || !b.in_body || a.pointer.size() >= b.pointer.size() ||
      !std::equal(a.pointer.begin(), a.pointer.end(), b.pointer.begin()))
    return false;
  const bool inner_needed = !b.values.empty() || b.exists;
  return inner_needed && (!a.values.empty() || !a.exists);
}

bool has_placeholder(const json::value& value) {
  std::string why;
  if (!value.is_string()) return false;
  const auto parsed = Template::parse({value.get_string().data(), value.get_string().size()}, why);
  return parsed && !parsed->constant();
}

// What an output's body surely has at a pointer: found, absent, or not known before there is an event.
struct Known {
  const json::value* value = nullptr;
  bool open = false;
};

Known known_at(const json::value& body, const Pointer& pointer) {
  const json::value* at = &body;
  for (const std::string& token : pointer) {
    if (has_placeholder(*at)) return {nullptr, true};
    const json::value* inner = nullptr;
    if (at->is_object()) {
      inner = at->get_object().if_contains(token);
    } else if (const auto index = at->is_array() ? array_index(token) : std::nullopt) {
      inner = at->get_array().if_contains(*index);
    }
    if (!inner) return {};
    at = inner;
  }
  return {at, has_placeholder(*at)};
}

// The condition cannot hold for what the output makes.
bool excludes(const Output& output, const Condition& condition) {
  if (condition.in_body) {
    if (!output.body) return false;
    const Known known = known_at(output.written_body, condition.pointer);
    if (known.open) return false;
    if (condition.values.empty()) return (known.value != nullptr) != condition.exists;
    return !known.value ||
           std::find(condition.values.begin(), condition.values.end(), *known.value) == condition.values.end();
  }
  const auto at = std::find_if(output.attributes.begin(), output.attributes.end(),
                               [&](const auto& attribute) { return attribute.first == condition.name; });
  const bool there = at != output.attributes.end();
  if (condition.values.empty()) return there != condition.exists;
  if (!there) return true;
  const auto constant = at->second.constant();
  return constant &&
         std::find(condition.values.begin(), condition.values.end(), json::value(*constant)) == condition.values.end();
}

bool may_take(const Rule& rule, const Output& output) {
  return output.bus == rule.bus && output.channel == rule.channel &&
         std::any_of(rule.keys.begin(), rule.keys.end(),
                     [&](const std::string& key) { return may_fit(output.key, key); }) &&
         std::none_of(rule.conditions.begin(), rule.conditions.end(),
                      [&](const Condition& condition) { return excludes(output, condition); });
}

class Checker {
 public:
  Checker(const std::vector<std::unique_ptr<Rule>>& rules, const std::vector<Audience>& audiences,
          const std::vector<std::optional<std::string>>& channels, const config::Locations& locations,
          std::vector<config::Error>& errors)
      : rules_(rules), audiences_(audiences), channels_(channels), locations_(locations), errors_(errors) {}

  void check(const Rule& rule) {
    const std::string match = child_path(rule.path, "match");
    if (const auto& only = channels_.at(rule.bus); only && *only != rule.channel)
      add_nearest(child_path(match, "channel"), match,
                  fmt::format("this can never match: all events of the bus {} have the channel {}",
                              quoted(rule.bus_name), quoted(*only)));
    for (const Condition& a : rule.conditions)
      for (const Condition& b : rule.conditions)
        if (contradict(a, b))
          add(match, fmt::format("this can never match: \"{}\" and \"{}\" exclude each other", a.text(), b.text()));
    for (const Output& output : rule.outputs) {
      audience(output);
      const auto look = [&](const Template& text) { placeholders(rule, output, text); };
      look(output.key);
      for (const auto& attribute : output.attributes) look(attribute.second);
      if (output.body) output.body->each_template(look);
      if (may_take(rule, output))
        add(output.path,
            "a loop: the translation would match this event of its own, which is never translated again; who "
            "subscribed gets both. Give it another channel or key, or let match ask for something that it lacks");
    }
  }

 private:
  void add(const std::string& path, std::string message) {
    config::add_error(errors_, {locations_.value(path), path, std::move(message)});
  }

  // At the first unless that was left out.
  void add_nearest(const std::string& path, const std::string& parent, std::string message) {
    add(locations_.written(path) ? path : parent, std::move(message));
  }

  // Somebody may get what this makes.
  void audience(const Output& output) {
    std::vector<std::string> channels;
    bool mounts = false, channel = false;
    for (const Audience& of : audiences_) {
      if (of.bus != output.bus) continue;
      if (of.any) return;
      mounts = true;
      for (const auto& [name, pattern] : of.keys) {
        channels.push_back(name);
        if (name != output.channel) continue;
        channel = true;
        if (may_fit(output.key, pattern)) return;
      }
    }
    if (!mounts)
      return add(output.path, fmt::format("nobody gets this: no mount has the bus {}", quoted(output.bus_name)));
    if (channel)
      return add(child_path(output.path, "key"),
                 fmt::format("nobody gets this: no mount takes such a key on the channel {}", quoted(output.channel)));
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    std::string message = fmt::format("no mount of the bus {} takes events of the channel {}", quoted(output.bus_name),
                                      quoted(output.channel));
    const auto next =
        std::find_if(rules_.begin(), rules_.end(), [&](const auto& rule) { return may_take(*rule, output); });
    if (next != rules_.end())
      message += fmt::format(", only the translation {}, and what translations make is never translated again",
                             quoted((*next)->name));
    else
      message += config::suggestion(output.channel, channels);
    add_nearest(child_path(output.path, "channel"), output.path, std::move(message));
  }

  void placeholders(const Rule& rule, const Output& output, const Template& text) {
    std::size_t tokens = 0;
    for (const std::string& key : rule.keys) tokens = std::max(tokens, most_tokens(key));
    for (const Template::Part& part : text.parts()) {
      if (!part.placeholder || part.placeholder->fallback) continue;
      const Placeholder& p = *part.placeholder;
      if (p.kind == Placeholder::Kind::key_token && p.token >= tokens)
        add(output.path,
            fmt::format("this is never made: no key that matches has a token {} (the first is 0)", p.token));
      for (const Condition& condition : rule.conditions) {
        if (!condition.values.empty() || condition.exists) continue;
        if (condition.in_body ? p.kind == Placeholder::Kind::pointer && p.pointer == condition.pointer
                              : p.kind == Placeholder::Kind::attribute && p.attribute == condition.name)
          add(output.path,
              fmt::format("this is never made: it needs what match asks not to be there ({})", condition.name));
      }
    }
  }

  const std::vector<std::unique_ptr<Rule>>& rules_;
  const std::vector<Audience>& audiences_;
  const std::vector<std::optional<std::string>>& channels_;
  const config::Locations& locations_;
  std::vector<config::Error>& errors_;
};

}  // namespace

void check(const std::vector<std::unique_ptr<Rule>>& rules, const std::vector<Audience>& audiences,
           const std::vector<std::optional<std::string>>& channels, const config::Locations& locations,
           std::vector<config::Error>& errors) {
  Checker checker(rules, audiences, channels, locations, errors);
  for (const auto& rule : rules) checker.check(*rule);
}

}  // namespace dragoman::translation
