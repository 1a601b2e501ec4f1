// SPDX-License-Identifier: Apache-2.0
#include "events.hpp"

#include <boost/json.hpp>

namespace wazo {

BusEventResult read_bus_event(std::string_view body) {
  namespace json = boost::json;
  // Checks UTF-8 and bounds nesting at 32 levels as well.
  boost::system::error_code error;
  unsigned char memory[4096];
  json::monotonic_resource resource(memory);
  const json::value value = json::parse({body.data(), body.size()}, error, &resource);
  const json::object* root = error ? nullptr : value.if_object();
  if (!root) return {};
  const auto name = root->find("name");
  const json::string* text = name == root->end() ? nullptr : name->value().if_string();
  if (!text) return {};
  const auto acl = root->find("required_acl");
  if (acl == root->end()) return {std::nullopt, Unfit::no_acl};
  BusEvent event{{text->data(), text->size()}, std::nullopt};
  if (acl->value().is_null()) return {event};
  const json::string* required = acl->value().if_string();
  if (!required) return {};
  event.required_acl = std::string(required->data(), required->size());
  return {event};
}

}  // namespace wazo
