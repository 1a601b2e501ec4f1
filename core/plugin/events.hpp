// SPDX-License-Identifier: Apache-2.0
// Events across the boundary.
#pragma once
#include <dragoman/ext/dialect.h>

#include <vector>

#include "event/event.hpp"

namespace dragoman::plugin {

// An event of a plugin's, checked before; with an id and a time if it has none.
event::EventPtr copy_event(const dgm_event& from);

// A view that is valid as long as the event and the fields are. fields: overwritten.
dgm_event event_view(const event::Event& event, std::uint64_t sequence, std::vector<dgm_field>& fields);

}  // namespace dragoman::plugin
