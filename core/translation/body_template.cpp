// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "config/location.hpp"
#include "event/json_string.hpp"
#include "translation/template.hpp"

namespace dragoman::translation {
namespace json = boost::json;

namespace {

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

}  // namespace

BodyTemplate BodyTemplate::compile(const json::value& from, const std::string& path, std::vector<Problem>& problems) {
  BodyTemplate out;
  out.add(from, path, problems);
  return out;
}

std::string& BodyTemplate::tail() {
  if (pieces_.empty() || pieces_.back().value) pieces_.emplace_back();
  return pieces_.back().text;
}

void BodyTemplate::add(const json::value& from, const std::string& path, std::vector<Problem>& problems) {
  if (from.is_object()) {
    tail() += '{';
    bool first = true;
    for (const auto& member : from.get_object()) {
      const std::string_view name(member.key().data(), member.key().size());
      const std::string member_path = config::child_path(path, name);
      if (name.find("${") != name.npos)
        problems.push_back({member_path, "placeholders stand in values, not in the names of members"});
      if (!first) tail() += ',';
      first = false;
      event::append_json_string(tail(), name);
      tail() += ':';
      add(member.value(), member_path, problems);
    }
    tail() += '}';
  } else if (from.is_array()) {
    tail() += '[';
    for (std::size_t i = 0; i < from.get_array().size(); ++i) {
      if (i) tail() += ',';
      add(from.get_array()[i], config::child_path(path, i), problems);
    }
    tail() += ']';
  } else if (from.is_string()) {
    std::string why;
    auto parsed = Template::parse(view(from.get_string()), why);
    if (!parsed) {
      problems.push_back({path, std::move(why)});
    } else if (const auto constant = parsed->constant()) {
      event::append_json_string(tail(), *constant);
    } else {
      tail();
      pieces_.back().value = std::move(*parsed);
    }
  } else if (from.is_double()) {
    if (std::isfinite(from.get_double()))
      tail() += fmt::format("{}", from.get_double());
    else
      problems.push_back({path, "JSON has no such number"});
  } else {
    tail() += json::serialize(from);
  }
}

Outcome BodyTemplate::write(Source& source, std::string& out, std::size_t limit) const {
  for (const Piece& piece : pieces_) {
    out += piece.text;
    if (out.size() > limit) return Outcome::too_large;
    if (!piece.value) continue;
    const Outcome outcome = piece.value->value(source, out, limit);
    if (outcome != Outcome::made) return outcome;
  }
  return Outcome::made;
}

}  // namespace dragoman::translation
