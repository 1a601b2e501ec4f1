// SPDX-License-Identifier: Apache-2.0
#include "translation/source.hpp"

#include "base/rfc3339.hpp"

namespace dragoman::translation {

std::optional<std::string_view> Source::attribute(std::string_view name) const {
  for (const event::Attribute& attribute : event_.attributes)
    if (attribute.name == name) return attribute.value;
  return std::nullopt;
}

std::optional<std::string_view> Source::key_token(std::size_t number) const {
  std::string_view rest = event_.key;
  for (;;) {
    const std::size_t dot = rest.find('.');
    if (!number--) return rest.substr(0, dot);
    if (dot == rest.npos) return std::nullopt;
    rest.remove_prefix(dot + 1);
  }
}

const std::string& Source::time() {
  if (time_.empty()) time_ = base::format_rfc3339(event_.time_ms);
  return time_;
}

const Document* Source::body() {
  if (!asked_) {
    asked_ = true;
    if (event_.body.size() <= largest_body) body_ = Document::parse(event_.body);
  }
  return body_ ? &*body_ : nullptr;
}

}  // namespace dragoman::translation
