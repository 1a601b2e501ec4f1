// SPDX-License-Identifier: Apache-2.0
#include "plugin/events.hpp"

#include <boost/container/small_vector.hpp>
#include <optional>

#include "base/clock.hpp"
#include "plugin/arguments.hpp"

namespace dragoman::plugin {
namespace {

dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}

}  // namespace

event::EventPtr copy_event(const dgm_event& from) {
  event::EventParts parts;
  std::optional<event::EventId> made;
  parts.id = from.id.len ? view(from.id) : made.emplace(event::make_event_id());
  parts.channel = view(from.channel);
  parts.key = view(from.key);
  parts.content_type = view(from.content_type);
  parts.body = view(from.body);
  parts.time_ms = from.time_ms ? from.time_ms : base::unix_ms();
  parts.origin = from.origin;
  boost::container::small_vector<event::Attribute, 16> attributes;
  for (std::size_t i = 0; i < from.attribute_count; ++i)
    attributes.push_back({view(from.attributes[i].name), view(from.attributes[i].value)});
  parts.attributes = attributes;
  return event::make_event(parts);
}

dgm_event event_view(const event::Event& e, std::uint64_t sequence, std::vector<dgm_field>& fields) {
  fields.clear();
  for (const auto& a : e.attributes) fields.push_back({str(a.name), str(a.value)});
  dgm_event v{};
  v.size = sizeof v;
  v.sequence = sequence;
  v.origin = e.origin;
  v.time_ms = e.time_ms;
  v.id = str(e.id);
  v.channel = str(e.channel);
  v.key = str(e.key);
  v.content_type = str(e.content_type);
  v.body = str(e.body);
  v.attributes = fields.data();
  v.attribute_count = fields.size();
  return v;
}

}  // namespace dragoman::plugin
