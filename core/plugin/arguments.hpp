// SPDX-License-Identifier: Apache-2.0
// Reading what a plugin hands over: strings and data structs, checked before anything trusts them (plugin-abi
// section 3.4).
#pragma once
#include <dragoman/ext/dialect.h>
#include <dragoman/ext/fanout.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace dragoman::plugin {

constexpr std::size_t name_limit = 4096;        // bytes of a channel, key, id, content type or attribute name
constexpr std::size_t value_limit = 64 * 1024;  // bytes of an attribute's value or of a credential
constexpr std::size_t attribute_limit = 256;
constexpr std::size_t payload_limit = 64u << 20;  // bytes of a message or body; the mount's own limits are tighter

inline bool readable(dgm_str text, std::size_t limit) {
  return (text.ptr || text.len == 0) && text.len <= limit;
}

inline std::string_view view(dgm_str text) {
  return text.ptr ? std::string_view(text.ptr, text.len) : std::string_view();
}

// Copies a data struct to the newest form. False if it is null, shorter than its first form, or asks with a tail that
// is not zero for something this host cannot do.
template <class Data>
bool read_data(const Data* from, Data& to, std::size_t first_size = sizeof(Data)) {
  constexpr std::size_t absurd = 4096;
  if (!from || from->size < first_size || from->size > absurd) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  for (std::size_t i = sizeof to; i < from->size; ++i)
    if (bytes[i]) return false;
  to = Data{};
  std::memcpy(static_cast<void*>(&to), from, std::min<std::size_t>(from->size, sizeof to));
  return true;
}

// Null when all is well, otherwise what is wrong.
inline const char* wrong_with(const dgm_event& event) {
  if (event.flags != 0) return "the event has flags that this host does not know";
  if (!readable(event.channel, name_limit) || !readable(event.key, name_limit) || !readable(event.id, name_limit) ||
      !readable(event.content_type, name_limit))
    return "the event has a name that is null or too long";
  if (!readable(event.body, payload_limit)) return "the event has a body that is null or too long";
  if (event.attribute_count > attribute_limit) return "the event has too many attributes";
  if (event.attribute_count && !event.attributes) return "the event's attributes are null";
  for (std::size_t i = 0; i < event.attribute_count; ++i)
    if (!readable(event.attributes[i].name, name_limit) || !readable(event.attributes[i].value, value_limit))
      return "the event has an attribute that is null or too long";
  return nullptr;
}

inline const char* wrong_with(const dgm_interest& interest) {
  if (interest.flags & ~std::uint32_t{DGM_INTEREST_LITERAL})
    return "the interest has flags that this host does not know";
  if (!readable(interest.channel, name_limit) || !readable(interest.key, name_limit))
    return "the interest has a name that is null or too long";
  if (interest.variant == DGM_VARIANT_SKIP) return "the interest's variant is DGM_VARIANT_SKIP";
  return nullptr;
}

}  // namespace dragoman::plugin
