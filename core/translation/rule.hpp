// SPDX-License-Identifier: Apache-2.0
// One translation: which events it takes, and what it makes of them. Immutable but for its counters, which the thread
// that delivers for its bus changes.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/counter.hpp"
#include "translation/condition.hpp"
#include "translation/template.hpp"

namespace dragoman::translation {

// What an output makes. The parts are views of the texts here, of the rule and of the source.
struct Made {
  Made() = default;
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;

  event::EventParts parts;
  std::string id, key, body;
  std::vector<std::string> values;
  std::vector<event::Attribute> attributes;
};

struct Output {
  std::uint32_t bus = 0;
  std::string bus_name, channel;
  Template key;
  std::vector<std::pair<std::string, Template>> attributes;
  std::optional<BodyTemplate> body;  // none: the body as it is
  boost::json::value written_body;   // what `body` was made of
  std::string path;                  // in the configuration

  // A made event lacks nothing but its id.
  Outcome make(Source& source, std::size_t limit, Made& out) const;
};

struct Rule {
  std::string name;
  std::uint32_t bus = 0;
  std::string bus_name, channel;
  std::vector<std::string> keys;  // patterns
  std::vector<Condition> conditions;
  std::vector<Output> outputs;
  std::size_t number = 0;
  std::string path;  // in the configuration

  // The first that does not hold, or null.
  const Condition* unmet(Source& source) const;

  base::Counter matched, emitted;
  std::array<base::Counter, 5> dropped;  // by Outcome
};

const char* name(Outcome outcome);

// The id of the event that a rule makes of another: the same whenever the same event is published.
std::string derived_id(std::string_view source, const std::string& rule, std::size_t output);

}  // namespace dragoman::translation
