// SPDX-License-Identifier: Apache-2.0
#include "translation/rule.hpp"

#include <openssl/sha.h>

#include "event/publish_rules.hpp"

namespace dragoman::translation {
namespace {

constexpr std::size_t longest_name = 255, longest_attribute = 1024;  // as events from elsewhere have them

bool good_text(std::string_view text) {
  try {
    event::check_text(text, {});
    return true;
  } catch (const event::Refusal&) {
    return false;
  }
}

}  // namespace

Outcome Output::make(Source& source, std::size_t limit, Made& out) const {
  const event::Event& from = source.event();
  event::EventParts& parts = out.parts;
  parts.channel = channel;
  parts.time_ms = from.time_ms;
  parts.origin = from.origin;
  if (const Outcome made = key.key(source, out.key, longest_name); made != Outcome::made)
    return made == Outcome::too_large ? Outcome::invalid : made;
  if (!good_text(out.key)) return Outcome::invalid;
  parts.key = out.key;
  out.values.resize(attributes.size());
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    std::string& to = out.values[i];
    if (const Outcome made = attributes[i].second.text(source, to, longest_attribute); made != Outcome::made)
      return made == Outcome::too_large ? Outcome::invalid : made;
    if (!good_text(to)) return Outcome::invalid;
    out.attributes.push_back({attributes[i].first, to});
  }
  parts.attributes = out.attributes;
  if (body) {
    parts.content_type = "application/json";
    if (const Outcome made = body->write(source, out.body, limit); made != Outcome::made) return made;
    parts.body = out.body;
  } else {
    parts.content_type = from.content_type;
    parts.body = from.body;
  }
  return parts.text_bytes() > limit ? Outcome::too_large : Outcome::made;
}

const Condition* Rule::unmet(Source& source) const {
  for (const Condition& condition : conditions)
    if (!condition.holds(source)) return &condition;
  return nullptr;
}

const char* name(Outcome outcome) {
  switch (outcome) {
    case Outcome::made:
      return "made";
    case Outcome::missing:
      return "missing";
    case Outcome::invalid:
      return "invalid";
    case Outcome::too_large:
      return "too_large";
    case Outcome::too_many:
      return "too_many";
  }
  return "unknown";
}

std::string derived_id(std::string_view source, const std::string& rule, std::size_t output) {
  std::string id = std::string(source) + '/' + rule + '/' + std::to_string(output);
  if (id.size() <= longest_name) return id;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(id.data()), id.size(), digest);
  static constexpr char digits[] = "0123456789abcdef";
  id.clear();
  for (const unsigned char byte : digest) id.append({digits[byte >> 4], digits[byte & 15]});
  return id;
}

}  // namespace dragoman::translation
