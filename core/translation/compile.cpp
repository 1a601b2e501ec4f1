// SPDX-License-Identifier: Apache-2.0
#include "translation/compile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "config/json_members.hpp"
#include "config/suggest.hpp"
#include "event/publish_rules.hpp"

namespace dragoman::translation {
namespace json = boost::json;
namespace {

using config::child_path;

constexpr std::size_t most_attributes = 64, longest_name = 255;

class Compiler {
 public:
  Compiler(const config::Configuration& configuration, std::vector<config::Error>& errors)
      : configuration_(configuration), errors_(errors) {}

  std::unique_ptr<Rule> rule(const config::TranslationConfig& from, std::size_t number) {
    auto out = std::make_unique<Rule>();
    out->name = from.name;
    out->number = number;
    out->path = child_path("translations", from.name);
    const std::string path = child_path(out->path, "match");
    set_bus(from.match, path, {}, out->bus, out->bus_name);
    out->channel = config::text(from.match, "channel");
    check_name(out->channel, child_path(path, "channel"));
    keys(from.match.at("key"), child_path(path, "key"), out->keys);
    for (const char* place : {"attributes", "body"}) {
      const json::value* conditions = from.match.if_contains(place);
      if (!conditions) continue;
      for (const auto& member : conditions->get_object())
        condition(member.key(), member.value(), place == std::string_view("body"),
                  child_path(child_path(path, place), std::string_view(member.key().data(), member.key().size())),
                  out->conditions);
    }
    // Attributes are known without reading the body.
    std::stable_sort(out->conditions.begin(), out->conditions.end(),
                     [](const Condition& a, const Condition& b) { return a.in_body < b.in_body; });
    const std::string events_path = child_path(out->path, "events");
    for (std::size_t i = 0; i < from.events.size(); ++i)
      out->outputs.push_back(output(from.events[i].get_object(), child_path(events_path, i), *out));
    return out;
  }

 private:
  void add(const std::string& path, std::string message) {
    config::add_error(errors_, {configuration_.locations.value(path), path, std::move(message)});
  }

  // fallback: of an output the bus of its rule.
  void set_bus(const json::object& from, const std::string& path, const std::string& fallback, std::uint32_t& bus,
               std::string& name) {
    name = config::text(from, "bus");
    if (name.empty()) name = fallback;
    const auto& buses = configuration_.buses;
    if (name.empty()) {
      if (buses.size() == 1)
        name = buses.front().name;
      else
        return add(path, buses.empty() ? "there is no bus; configure one under buses"
                                       : "the key \"bus\" is missing, and there are several buses");
    }
    std::vector<std::string> known;
    for (bus = 0; bus < buses.size(); ++bus) {
      if (buses[bus].name == name) return;
      known.push_back(buses[bus].name);
    }
    bus = 0;
    if (fallback != name)
      add(child_path(path, "bus"),
          fmt::format("there is no bus {}{}", config::quoted(name), config::suggestion(name, known)));
  }

  // Channels and keys of events, and names of attributes.
  bool check_name(const std::string& name, const std::string& path) {
    try {
      if (!name.empty()) event::check_name(name, longest_name, {});
      return true;
    } catch (const event::Refusal& refusal) {
      add(path, "no event has such a one: " + refusal.error);
      return false;
    }
  }

  void keys(const json::value& from, const std::string& path, std::vector<std::string>& out) {
    const auto one = [&](const json::value& value, const std::string& at) {
      std::string key(value.as_string());
      if (!check_name(key, at)) return;
      for (std::size_t begin = 0; begin <= key.size();) {
        const std::size_t end = std::min(key.find('.', begin), key.size());
        const std::string_view token = std::string_view(key).substr(begin, end - begin);
        if (token.size() > 1 && token.find_first_of("*#") != token.npos)
          return add(at, "* and # stand for whole tokens between dots, so no event has such a key");
        begin = end + 1;
      }
      out.push_back(std::move(key));
    };
    if (!from.is_array()) return one(from, path);
    for (std::size_t i = 0; i < from.get_array().size(); ++i) one(from.get_array()[i], child_path(path, i));
  }

  void condition(std::string name, const json::value& from, bool in_body, const std::string& path,
                 std::vector<Condition>& out) {
    Condition made;
    made.in_body = in_body;
    made.name = std::move(name);
    if (in_body) {
      std::string why;
      auto pointer = parse_pointer(made.name, why);
      if (!pointer) return add(path, std::move(why));
      made.pointer = std::move(*pointer);
    } else if (made.name.empty()) {
      return add(path, "an attribute has a name");
    } else if (!check_name(made.name, path)) {
      return;
    }
    if (from.is_object())
      made.exists = from.get_object().at("exists").as_bool();
    else if (from.is_array())
      for (std::size_t i = 0; i < from.get_array().size(); ++i)
        value(from.get_array()[i], in_body, child_path(path, i), made.values);
    else
      value(from, in_body, path, made.values);
    out.push_back(std::move(made));
  }

  void value(const json::value& from, bool in_body, const std::string& path, std::vector<json::value>& out) {
    if (in_body) return out.push_back(from);
    if (from.is_null()) return add(path, "an attribute is never null; {exists: false} asks that there is none");
    const std::string text = from.is_string() ? std::string(from.get_string()) : json::serialize(from);
    try {
      event::check_text(text, {});
    } catch (const event::Refusal& refusal) {
      return add(path, "no attribute has this value: " + refusal.error);
    }
    out.emplace_back(text);
  }

  Template parsed(const std::string& text, const std::string& path) {
    std::string why;
    auto out = Template::parse(text, why);
    if (!out) add(path, std::move(why));
    return out ? std::move(*out) : Template();
  }

  Output output(const json::object& from, const std::string& path, const Rule& rule) {
    Output out;
    out.path = path;
    set_bus(from, path, rule.bus_name, out.bus, out.bus_name);
    out.channel = config::text(from, "channel");
    if (out.channel.find("${") != std::string::npos)
      add(child_path(path, "channel"), "a channel is fixed: it has no placeholders");
    else
      check_name(out.channel, child_path(path, "channel"));
    out.key = parsed(config::text(from, "key"), child_path(path, "key"));
    if (const auto key = out.key.constant()) check_name(*key, child_path(path, "key"));
    if (const json::value* attributes = from.if_contains("attributes")) {
      const std::string below = child_path(path, "attributes");
      if (attributes->get_object().size() > most_attributes)
        add(below, fmt::format("an event has at most {} attributes", most_attributes));
      for (const auto& member : attributes->get_object()) {
        const std::string name = member.key();
        const std::string at = child_path(below, name);
        if (name.empty()) add(at, "an attribute has a name");
        check_name(name, at);
        const json::value& value = member.value();
        out.attributes.emplace_back(
            name, parsed(value.is_string() ? std::string(value.get_string()) : json::serialize(value), at));
      }
    }
    if (const json::value* body = from.if_contains("body")) {
      std::vector<BodyTemplate::Problem> problems;
      out.written_body = *body;
      out.body = BodyTemplate::compile(*body, child_path(path, "body"), problems);
      for (auto& problem : problems) add(problem.path, std::move(problem.why));
    }
    return out;
  }

  const config::Configuration& configuration_;
  std::vector<config::Error>& errors_;
};

}  // namespace

std::vector<std::unique_ptr<Rule>> compile(const config::Configuration& configuration,
                                           std::vector<config::Error>& errors) {
  std::vector<std::unique_ptr<Rule>> out;
  Compiler compiler(configuration, errors);
  for (const auto& from : configuration.translations) out.push_back(compiler.rule(from, out.size()));
  return out;
}

}  // namespace dragoman::translation
