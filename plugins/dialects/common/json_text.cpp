// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include "common/json_check.hpp"
#include "common/json_items.hpp"
#include "common/json_string.hpp"

namespace dialects {
namespace {

Json read(std::string_view raw) {
  Json out;
  out.raw = raw;
  switch (raw.front()) {
    case '{':
      out.kind = Json::Kind::object;
      for (Items items(raw); items.next();) out.members.push_back({std::string(items.key()), read(items.value())});
      break;
    case '[':
      out.kind = Json::Kind::array;
      for (Items items(raw); items.next();) out.elements.push_back(read(items.value()));
      break;
    case '"':
      out.kind = Json::Kind::string;
      out.text = read_string(raw).value_or(std::string());
      break;
    case 'n':
      out.kind = Json::Kind::null;
      break;
    case 't':
    case 'f':
      out.kind = Json::Kind::boolean;
      break;
    default:
      out.kind = Json::Kind::number;
  }
  return out;
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member)
    if (member->name == name) return &member->value;
  return nullptr;
}

const Json* Json::find(std::string_view name, Kind k) const {
  const Json* found = find(name);
  return found && found->is(k) ? found : nullptr;
}

std::optional<Json> parse_json(std::string_view text) {
  const auto value = check_value(text);
  if (!value) return std::nullopt;
  return read(*value);
}

std::string_view shorten(std::string_view utf8, std::size_t bytes) {
  if (utf8.size() <= bytes) return utf8;
  while (bytes > 0 && (static_cast<unsigned char>(utf8[bytes]) & 0xc0) == 0x80) --bytes;
  return utf8.substr(0, bytes);
}

}  // namespace dialects
