// SPDX-License-Identifier: Apache-2.0
#include "translation/placeholder.hpp"

#include <algorithm>
#include <charconv>

#include "config/location.hpp"
#include "event/json_string.hpp"

namespace dragoman::translation {
namespace {

constexpr std::size_t longest_attribute = 255, largest_number = 999'999'999;

std::optional<std::size_t> number(std::string_view text) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || out > largest_number)
    return std::nullopt;
  return out;
}

// Takes :OFFSET or :OFFSET:LENGTH from the end of `text`.
void take_cut(std::string_view& text, Placeholder& out) {
  const auto last = [&](std::string_view of) -> std::optional<std::size_t> {
    const std::size_t colon = of.rfind(':');
    return colon == of.npos ? std::nullopt : number(of.substr(colon + 1));
  };
  const auto second = last(text);
  if (!second) return;
  const std::string_view front = text.substr(0, text.rfind(':'));
  out.cut = true;
  if (const auto first = last(front)) {
    out.offset = *first;
    out.length = *second;
    text = front.substr(0, front.rfind(':'));
  } else {
    out.offset = *second;
    text = front;
  }
}

// A number, true, false, null or a quoted string as JSON has them; anything else is the text itself.
Placeholder::Fallback fallback_of(std::string_view written) {
  Placeholder::Fallback out{std::string(written), {}};
  const auto value = Document::parse(written);
  if (!value || value->kind(0) == Document::Kind::array || value->kind(0) == Document::Kind::object) {
    event::append_json_string(out.json, written);
    return out;
  }
  value->write(0, out.json, std::string::npos);
  if (value->kind(0) == Document::Kind::string) out.text = value->text(0);
  return out;
}

}  // namespace

std::optional<Placeholder> parse_placeholder(std::string_view text, std::string& why) {
  using Kind = Placeholder::Kind;
  const std::string_view written = text;
  Placeholder out;
  if (const std::size_t at = text.find(":-"); at != text.npos) {
    out.fallback = fallback_of(text.substr(at + 2));
    text = text.substr(0, at);
  }
  take_cut(text, out);
  static constexpr std::string_view attribute = "attribute.", key = "key.";
  if (text.starts_with('/')) {
    auto pointer = parse_pointer(text, why);
    if (!pointer) return std::nullopt;
    out.pointer = std::move(*pointer);
    return out;
  }
  if (text == "body" || text == "key" || text == "time" || text == "id") {
    out.kind = text == "body" ? Kind::body : text == "key" ? Kind::key : text == "time" ? Kind::time : Kind::id;
    return out;
  }
  if (text.starts_with(attribute) && text.size() > attribute.size() &&
      text.size() <= attribute.size() + longest_attribute) {
    out.kind = Kind::attribute;
    out.attribute = text.substr(attribute.size());
    return out;
  }
  if (const auto token = text.starts_with(key) ? number(text.substr(key.size())) : std::nullopt) {
    out.kind = Kind::key_token;
    out.token = *token;
    return out;
  }
  why = "${" + std::string(written.substr(0, 64)) +
        "} is no placeholder; there are ${/pointer}, ${attribute.NAME}, ${key}, ${key.NUMBER}, ${time}, ${id} and "
        "${body}";
  if (text.starts_with("env:") || text.starts_with("file:")) why += "; references are not followed in translations";
  return std::nullopt;
}

}  // namespace dragoman::translation
