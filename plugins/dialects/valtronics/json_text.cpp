// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "common/json_string.hpp"

namespace valtronics {
namespace {

namespace json = boost::json;
constexpr std::string_view blanks = " \t\n\r";

// Reads what the parser has found well-formed and shallow.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json value() {
    skip_blanks();
    const std::size_t begin = at_;
    Json out;
    switch (text_[at_]) {
      case '{':
        out.kind = Json::Kind::object;
        while (more('}')) {
          std::string name = dialects::read_string(string()).value_or(std::string());
          skip_blanks();
          ++at_;  // the colon
          out.members.push_back({std::move(name), value()});
        }
        break;
      case '[':
        out.kind = Json::Kind::array;
        while (more(']')) out.elements.push_back(value());
        break;
      case '"':
        out.kind = Json::Kind::string;
        out.text = dialects::read_string(string()).value_or(std::string());
        break;
      default:
        out.kind = text_[at_] == 'n'                        ? Json::Kind::null
                   : text_[at_] == 't' || text_[at_] == 'f' ? Json::Kind::boolean
                                                            : Json::Kind::number;
        at_ = std::min(text_.find_first_of(",]} \t\n\r", at_), text_.size());
    }
    out.raw = text_.substr(begin, at_ - begin);
    return out;
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }
  // Steps over the bracket or comma in front; false behind the closing one.
  bool more(char closing) {
    skip_blanks();
    if (text_[at_] != closing) {
      ++at_;
      skip_blanks();
      if (text_[at_] != closing) return true;
    }
    ++at_;
    return false;
  }
  std::string_view string() {
    const std::size_t begin = at_++;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    return text_.substr(begin, ++at_ - begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

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
  unsigned char memory[4096];
  json::monotonic_resource resource(memory);
  boost::system::error_code error;
  json::parse({text.data(), text.size()}, error, &resource);
  if (error) return std::nullopt;
  return Reader(text).value();
}

std::string_view shorten(std::string_view utf8, std::size_t bytes) {
  if (utf8.size() <= bytes) return utf8;
  while (bytes > 0 && (static_cast<unsigned char>(utf8[bytes]) & 0xc0) == 0x80) --bytes;
  return utf8.substr(0, bytes);
}

}  // namespace valtronics
