// SPDX-License-Identifier: Apache-2.0
#include "plugin/events.hpp"

#include "base/clock.hpp"
#include "plugin/arguments.hpp"

namespace dragoman::plugin {
namespace {

dgm_str str(std::string_view s) {
  return {s.data(), s.size()};
}

}  // namespace

event::EventPtr copy_event(const dgm_event& from) {
  auto e = std::make_shared<event::Event>();
  e->id = from.id.len ? std::string(view(from.id)) : event::make_event_id();
  e->channel = view(from.channel);
  e->key = view(from.key);
  e->content_type = view(from.content_type);
  e->body = view(from.body);
  e->time_ms = from.time_ms ? from.time_ms : base::unix_ms();
  e->origin = from.origin;
  e->attributes.reserve(from.attribute_count);
  for (std::size_t i = 0; i < from.attribute_count; ++i)
    e->attributes.push_back({std::string(view(from.attributes[i].name)), std::string(view(from.attributes[i].value))});
  return e;
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
