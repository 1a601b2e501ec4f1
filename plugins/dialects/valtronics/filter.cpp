// SPDX-License-Identifier: Apache-2.0
#include "filter.hpp"

#include <algorithm>
#include <charconv>

#include "common/json_string.hpp"
#include "device.hpp"

namespace valtronics {

using dialects::quote;

namespace {

constexpr std::uint32_t longest_interval_ms = 24 * 3600 * 1000;

// Looks members up in both places.
class Members {
 public:
  explicit Members(const Json& message) : message_(message), filters_(message.find("filters")) {}
  bool valid() const { return !filters_ || filters_->is(Json::Kind::null) || filters_->is(Json::Kind::object); }
  // Null: absent or without a restriction.
  const Json* find(std::string_view name) const {
    const Json* found = filters_ ? filters_->find(name) : nullptr;
    if (!found) found = message_.find(name);
    return found && !found->is(Json::Kind::null) ? found : nullptr;
  }

 private:
  const Json& message_;
  const Json* filters_;
};

// One value or an array of values, each turned into text by `read`; false: one was not understood.
template <class Read>
bool read_values(const Json* given, Values& out, Read&& read) {
  if (!given) return true;
  const auto add = [&](const Json& value) {
    std::optional<std::string> text = read(value);
    if (text) out.push_back(std::move(*text));
    return text.has_value();
  };
  if (!given->is(Json::Kind::array)) {
    if (!add(*given)) return false;
  } else if (!std::all_of(given->elements.begin(), given->elements.end(), add)) {
    return false;
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return true;
}

template <std::string (*Normal)(std::string_view)>
std::optional<std::string> read_text(const Json& value) {
  if (!value.is(Json::Kind::string)) return std::nullopt;
  return Normal(value.text);
}

std::string as_it_is(std::string_view text) {
  return std::string(text);
}

}  // namespace

bool contains(const Values& values, std::string_view value) {
  return std::binary_search(values.begin(), values.end(), value, std::less<>());
}

std::string small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::optional<std::uint32_t> parse_frequency(std::string_view text) {
  if (text == "real-time") return 0;
  if (text.size() < 2) return std::nullopt;
  const char unit = text.back();
  const std::uint64_t scale = unit == 's' ? 1000 : unit == 'm' ? 60'000 : unit == 'h' ? 3'600'000 : 0;
  std::uint32_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stopped, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stopped != end) return std::nullopt;
  const std::uint64_t ms = count * scale;
  if (ms == 0 || ms > longest_interval_ms) return std::nullopt;
  return static_cast<std::uint32_t>(ms);
}

std::optional<FilterProblem> read_devices(const Json& message, Values& out) {
  const Members members(message);
  if (!members.valid()) return FilterProblem{false, "filters"};
  if (!read_values(members.find("device_id"), out, device_of_json)) return FilterProblem{false, "device_id"};
  return std::nullopt;
}

std::optional<FilterProblem> read_subscription(const Json& message, Channel channel, Subscription& out) {
  const Members members(message);
  if (!members.valid()) return FilterProblem{false, "filters"};
  if (channel != Channel::system)
    if (auto problem = read_devices(message, out.devices)) return problem;
  const auto read = [&](const char* name, Values& values, auto&& text) -> std::optional<FilterProblem> {
    if (read_values(members.find(name), values, text)) return std::nullopt;
    return FilterProblem{false, name};
  };
  Filter& f = out.filter;
  if (channel == Channel::alerts) {
    if (auto problem = read("severity", f.severities, read_text<small_letters>)) return problem;
    return read("alert_type", f.alert_types, read_text<as_it_is>);
  }
  if (channel == Channel::devices) return read("status_types", f.statuses, read_text<as_it_is>);
  if (auto problem = read("metrics", f.metrics, read_text<quote>)) return problem;
  if (const Json* frequency = members.find("frequency")) {
    const auto ms = frequency->is(Json::Kind::string) ? parse_frequency(frequency->text) : std::nullopt;
    if (!ms) return FilterProblem{true, "frequency"};
    f.interval_ms = *ms;
  }
  return std::nullopt;
}

}  // namespace valtronics
