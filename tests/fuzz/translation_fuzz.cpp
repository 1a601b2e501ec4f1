// SPDX-License-Identifier: Apache-2.0
// A template of an admin and an event of anybody: what is made is JSON within its limit, and data stays inside its
// token of a key.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "event/publish_rules.hpp"
#include "translation/key_overlap.hpp"
#include "translation/rule.hpp"

using namespace dragoman;
using namespace dragoman::translation;

namespace {

constexpr std::size_t limit = 4096;

std::string_view take_line(std::string_view& from) {
  const std::size_t end = std::min(from.find('\n'), from.size());
  const std::string_view line = from.substr(0, end);
  from.remove_prefix(std::min(end + 1, from.size()));
  return line;
}

bool takes_whole_key(const Template& text) {
  return std::any_of(text.parts().begin(), text.parts().end(), [](const Template::Part& part) {
    return part.placeholder &&
           (part.placeholder->kind == Placeholder::Kind::key || part.placeholder->kind == Placeholder::Kind::key_token);
  });
}

}  // namespace

// First line: a template. Second: the event's key. The rest: its body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view written = take_line(rest);
  if (!event::valid_utf8(written)) return 0;
  std::string why;
  const auto parsed = Template::parse(written, why);
  if (!parsed) {
    if (why.empty()) std::abort();
    return 0;
  }
  event::EventParts parts;
  parts.id = "id";
  parts.key = take_line(rest);
  const event::Attribute attribute{"a", rest.substr(0, 64)};
  parts.attributes = {&attribute, 1};
  parts.body = rest;
  const event::Event e(parts);

  Source source(e);
  std::string value;
  if (parsed->value(source, value, limit) == Outcome::made && (value.size() > limit || !Document::parse(value)))
    std::abort();
  std::string key;
  if (parsed->key(source, key, limit) == Outcome::made && !takes_whole_key(*parsed)) {
    std::string dots;
    for (const auto& part : parsed->parts()) dots += part.text;
    if (std::count(key.begin(), key.end(), '.') != std::count(dots.begin(), dots.end(), '.')) std::abort();
    if (!may_fit(*parsed, key) && key.find_first_of("*#") == key.npos) std::abort();
  }
  std::vector<BodyTemplate::Problem> problems;
  const auto body = BodyTemplate::compile(boost::json::value(std::string(written)), {}, problems);
  std::string text;
  if (problems.empty() && body.write(source, text, limit) == Outcome::made && !Document::parse(text)) std::abort();
  return 0;
}
