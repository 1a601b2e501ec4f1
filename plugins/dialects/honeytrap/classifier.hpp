// SPDX-License-Identifier: Apache-2.0
// Session or event: the end of section 5 of the honeytrap digest.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace honeytrap {

enum class EventClass { session, event };

// The `type` of an event: an integer until May 2017, a string after; nothing when it is neither.
using Kind = std::variant<std::monostate, std::int64_t, std::string>;

struct ClassifierRules {
  std::vector<std::int64_t> kinds = {5, 6, 20, 21};
  std::vector<std::string> kind_names = {"CONNECTION:OPENED", "CONNECTION:CLOSED"};
  std::vector<std::string> kind_prefixes = {"SESSION:"};
  std::vector<std::string> sensors = {"SESSIONS"};
  std::vector<std::string> sensor_suffixes = {"_session"};

  friend bool operator==(const ClassifierRules&, const ClassifierRules&) = default;
};

// Immutable: any thread. An event is a session when one rule fits; text is compared byte by byte.
class Classifier {
 public:
  explicit Classifier(ClassifierRules rules = {}) : rules_(std::move(rules)) {}
  // The hint of the way the event came in decides when there is one.
  EventClass classify(std::optional<EventClass> hint, const Kind& kind, std::string_view sensor) const;

 private:
  ClassifierRules rules_;
};

}  // namespace honeytrap
