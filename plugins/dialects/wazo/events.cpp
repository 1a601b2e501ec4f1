// SPDX-License-Identifier: Apache-2.0
#include "events.hpp"

#include <boost/json.hpp>

namespace wazo {
namespace {

namespace json = boost::json;

struct Body {
  unsigned char memory[4096];
  json::monotonic_resource resource{memory};
  json::value value = json::value(json::storage_ptr(&resource));
  const json::object* root = nullptr;  // null: it is no JSON object

  // Checks UTF-8 and bounds nesting at 32 levels as well.
  explicit Body(std::string_view text) {
    boost::system::error_code error;
    value = json::parse({text.data(), text.size()}, error, &resource);
    root = error ? nullptr : value.if_object();
  }
  const json::value* find(const char* name) const { return root->if_contains(name); }
};

std::string copy(const json::string& text) {
  return {text.data(), text.size()};
}

}  // namespace

BusEventResult read_bus_event(std::string_view text) {
  const Body body(text);
  const json::value* name = body.root ? body.find("name") : nullptr;
  if (!name || !name->is_string()) return {};
  const json::value* acl = body.find("required_acl");
  if (!acl) return {std::nullopt, Unfit::no_acl};
  BusEvent event{copy(name->get_string()), std::nullopt};
  if (acl->is_null()) return {event};
  if (!acl->is_string()) return {};
  event.required_acl = copy(acl->get_string());
  return {event};
}

BusEventResult read_bus_event(std::optional<std::string_view> name, std::optional<std::string_view> required_acl,
                              std::string_view text) {
  const Body body(text);
  if (!body.root) return {};
  const json::value* acl = body.find("required_acl");
  if (acl && !acl->is_null() && !acl->is_string()) return {};
  if (!required_acl && !(acl && acl->is_null())) return {std::nullopt, Unfit::no_acl};
  BusEvent event{std::string(name.value_or("")), std::nullopt};
  if (required_acl) event.required_acl = std::string(*required_acl);
  return {event};
}

}  // namespace wazo
