// SPDX-License-Identifier: Apache-2.0
#include "metric_message.hpp"

#include <algorithm>
#include <charconv>

namespace valtronics {

bool none(const Mask& mask) {
  return std::find(mask.begin(), mask.end(), true) == mask.end();
}
bool all(const Mask& mask) {
  return std::find(mask.begin(), mask.end(), false) == mask.end();
}
void merge(Mask& into, const Mask& from) {
  for (std::size_t i = 0; i < into.size() && i < from.size(); ++i)
    if (from[i]) into[i] = true;
}

void MetricWriter::add(std::string_view name, std::string_view value) {
  if (!places_.empty()) body_ += ',';
  for (const std::size_t place :
       {body_.size(), body_.size() + name.size(), body_.size() + name.size() + 1 + value.size()})
    places_ += std::to_string(place) + ' ';
  body_.append(name).append(":").append(value);
}

MetricMessage::MetricMessage(std::string_view body, std::string_view places) : body_(body) {
  const char* at = places.data();
  const char* const end = at + places.size();
  std::size_t least = 0;
  while (at < end) {
    std::size_t numbers[3];
    for (std::size_t& number : numbers) {
      const auto [stopped, error] = std::from_chars(at, end, number);
      if (error != std::errc() || number < least || number > body.size()) {
        metrics_.clear();
        return;
      }
      least = number;
      at = stopped == end ? end : stopped + 1;
    }
    metrics_.push_back({numbers[0], numbers[1], numbers[2]});
  }
}

Mask MetricMessage::match(const Values& names) const {
  Mask out(size(), names.empty());
  if (!names.empty())
    for (std::size_t i = 0; i < size(); ++i) out[i] = contains(names, name(i));
  return out;
}

}  // namespace valtronics
