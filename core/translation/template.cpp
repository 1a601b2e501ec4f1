// SPDX-License-Identifier: Apache-2.0
#include "translation/template.hpp"

#include <algorithm>

#include "event/json_string.hpp"
#include "event/publish_rules.hpp"
#include "translation/placeholder.hpp"

namespace dragoman::translation {
namespace {

bool unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved(c))
      out += c;
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
}

// `length` characters of UTF-8 from `offset` on.
std::string_view cut(std::string_view text, std::size_t offset, std::size_t length) {
  const auto skip = [](std::string_view from, std::size_t characters) {
    std::size_t i = 0;
    for (; i < from.size() && characters; --characters) do
        ++i;
      while (i < from.size() && (static_cast<unsigned char>(from[i]) & 0xc0) == 0x80);
    return i;
  };
  text.remove_prefix(skip(text, offset));
  return text.substr(0, skip(text, length));
}

// What a placeholder stands for: a text, or a value of the body.
struct Found {
  Outcome outcome = Outcome::made;
  std::string_view text;  // of the source or the template
  const Document* document = nullptr;
  Document::Value value = 0;
};

Found text_found(std::optional<std::string_view> text) {
  Found out;
  if (!text)
    out.outcome = Outcome::missing;
  else if (!event::valid_utf8(*text))
    out.outcome = Outcome::invalid;
  else
    out.text = *text;
  return out;
}

Found look(const Placeholder& p, Source& source) {
  using Kind = Placeholder::Kind;
  switch (p.kind) {
    case Kind::attribute:
      return text_found(source.attribute(p.attribute));
    case Kind::key:
      return text_found(source.event().key);
    case Kind::key_token:
      return text_found(source.key_token(p.token));
    case Kind::time:
      return text_found(source.time());
    case Kind::id:
      return text_found(source.event().id);
    case Kind::pointer:
    case Kind::body:
      break;
  }
  Found out;
  const Document* body = source.body();
  const auto value = body ? body->find(p.pointer) : std::nullopt;
  if (value) {
    out.document = body;
    out.value = *value;
  } else {
    out.outcome = Outcome::missing;
  }
  return out;
}

bool is_null(const Found& found) {
  return found.document && found.document->kind(found.value) == Document::Kind::null;
}

// The text of a placeholder that stands in others'.
Found as_text(const Placeholder& p, Source& source) {
  Found found = look(p, source);
  if (is_null(found)) found.outcome = Outcome::missing;
  if (found.outcome == Outcome::missing && p.fallback) return {Outcome::made, p.fallback->text};
  if (found.outcome != Outcome::made) return found;
  if (found.document) {
    const Document::Kind kind = found.document->kind(found.value);
    if (kind == Document::Kind::array || kind == Document::Kind::object)
      found.outcome = Outcome::invalid;
    else
      found.text = found.document->text(found.value);
    found.document = nullptr;
  }
  if (p.cut) found.text = cut(found.text, p.offset, p.length);
  return found;
}

}  // namespace

std::optional<Template> Template::parse(std::string_view text, std::string& why) {
  Template out;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out.parts_.push_back({std::move(plain), std::nullopt});
    plain.clear();
  };
  for (;;) {
    const std::size_t at = text.find("${");
    if (at == text.npos) {
      plain += text;
      flush();
      return out;
    }
    if (at > 0 && text[at - 1] == '$') {
      plain.append(text.substr(0, at - 1)).append("${");
      text.remove_prefix(at + 2);
      continue;
    }
    plain += text.substr(0, at);
    const std::size_t end = text.find('}', at);
    if (end == text.npos) {
      why = "a placeholder is not closed; write $${ for a literal ${";
      return std::nullopt;
    }
    auto placeholder = parse_placeholder(text.substr(at + 2, end - at - 2), why);
    if (!placeholder) return std::nullopt;
    flush();
    out.parts_.push_back({{}, std::move(placeholder)});
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> Template::constant() const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.placeholder) return std::nullopt;
    out += part.text;
  }
  return out;
}

Outcome Template::append(Source& source, std::string& out, std::size_t limit, bool as_key) const {
  for (const Part& part : parts_) {
    if (!part.placeholder) {
      out += part.text;
    } else {
      const Found found = as_text(*part.placeholder, source);
      if (found.outcome != Outcome::made) return found.outcome;
      if (!as_key) {
        out += found.text;
      } else {
        if (found.text.empty()) return Outcome::missing;
        // These are made of a key's tokens already.
        if (part.placeholder->kind == Placeholder::Kind::key || part.placeholder->kind == Placeholder::Kind::key_token)
          out += found.text;
        else
          append_encoded(out, found.text);
      }
    }
    if (out.size() > limit) return Outcome::too_large;
  }
  return Outcome::made;
}

Outcome Template::text(Source& source, std::string& out, std::size_t limit) const {
  return append(source, out, limit, false);
}

Outcome Template::key(Source& source, std::string& out, std::size_t limit) const {
  return append(source, out, limit, true);
}

Outcome Template::value(Source& source, std::string& out, std::size_t limit) const {
  if (parts_.size() != 1 || !parts_.front().placeholder || parts_.front().placeholder->cut) {
    std::string all;
    const Outcome outcome = text(source, all, limit);
    if (outcome == Outcome::made) event::append_json_string(out, all);
    return outcome == Outcome::made && out.size() > limit ? Outcome::too_large : outcome;
  }
  const Placeholder& p = *parts_.front().placeholder;
  const Found found = look(p, source);
  if (p.fallback && (found.outcome == Outcome::missing || is_null(found)))
    out += p.fallback->json;
  else if (found.outcome != Outcome::made)
    return found.outcome;
  else if (!found.document)
    event::append_json_string(out, found.text);
  else if (!found.document->write(found.value, out, limit))
    return Outcome::too_large;
  return out.size() > limit ? Outcome::too_large : Outcome::made;
}

}  // namespace dragoman::translation
