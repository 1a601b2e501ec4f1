// SPDX-License-Identifier: Apache-2.0
#include "translation/document.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <limits>

#include "event/json_string.hpp"

namespace dragoman::translation {
namespace json = boost::json;

// Hears what the parser finds (boost::json::basic_parser).
class DocumentReader {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  Document document;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return open(Document::Kind::object); }
  bool on_object_end(std::size_t, json::error_code&) { return close(); }
  bool on_array_begin(json::error_code&) { return open(Document::Kind::array); }
  bool on_array_end(std::size_t, json::error_code&) { return close(); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return more(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) { return add(Document::Kind::name, part); }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return more(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code&) { return add(Document::Kind::string, part); }
  bool on_number_part(json::string_view part, json::error_code&) { return more(part); }
  bool on_int64(std::int64_t, json::string_view part, json::error_code&) { return add(Document::Kind::number, part); }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code&) { return add(Document::Kind::number, part); }
  bool on_double(double, json::string_view part, json::error_code&) { return add(Document::Kind::number, part); }
  bool on_bool(bool value, json::error_code&) { return add(Document::Kind::boolean, value ? "true" : "false"); }
  bool on_null(json::error_code&) { return add(Document::Kind::null, "null"); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool open(Document::Kind kind) {
    open_.push_back(static_cast<std::uint32_t>(document.entries_.size()));
    document.entries_.push_back({kind, 0, 0, 0});
    return true;
  }
  bool close() {
    document.entries_[open_.back()].end = static_cast<std::uint32_t>(document.entries_.size());
    open_.pop_back();
    return true;
  }
  bool more(json::string_view part) {
    document.texts_.append(part.data(), part.size());
    return true;
  }
  bool add(Document::Kind kind, json::string_view last) {
    more(last);
    const auto end = static_cast<std::uint32_t>(document.texts_.size());
    document.entries_.push_back({kind, static_cast<std::uint32_t>(document.entries_.size()) + 1, from_, end - from_});
    from_ = end;
    return true;
  }

  std::vector<std::uint32_t> open_;
  std::uint32_t from_ = 0;  // of the text that is being read
};

std::optional<Document> Document::parse(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  json::parse_options options;
  options.max_depth = deepest;
  json::basic_parser<DocumentReader> parser(options);
  DocumentReader& reader = parser.handler();
  reader.document.texts_.reserve(text.size());
  reader.document.entries_.reserve(16);
  json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error || !parser.done() || text.find_first_not_of(" \t\r\n", used) != text.npos) return std::nullopt;
  return std::move(reader.document);
}

std::optional<Document::Value> Document::find(const Pointer& pointer) const {
  Value at = 0;
  for (const std::string& token : pointer) {
    const Entry& inside = entries_[at];
    std::optional<Value> found;
    if (inside.kind == Kind::object) {
      for (Value name = at + 1; name < inside.end; name = entries_[name + 1].end)
        if (text(name) == token) found = name + 1;
    } else if (inside.kind == Kind::array) {
      auto left = array_index(token);
      Value element = at + 1;
      while (left && *left && element < inside.end) {
        element = entries_[element].end;
        --*left;
      }
      if (left && element < inside.end) found = element;
    }
    if (!found) return std::nullopt;
    at = *found;
  }
  return at;
}

bool Document::write(Value value, std::string& out, std::size_t limit) const {
  const Entry& entry = entries_[value];
  switch (entry.kind) {
    case Kind::array:
      out += '[';
      for (Value element = value + 1; element < entry.end; element = entries_[element].end) {
        if (element != value + 1) out += ',';
        if (!write(element, out, limit)) return false;
      }
      out += ']';
      break;
    case Kind::object:
      out += '{';
      for (Value name = value + 1; name < entry.end; name = entries_[name + 1].end) {
        if (name != value + 1) out += ',';
        event::append_json_string(out, text(name));
        out += ':';
        if (!write(name + 1, out, limit)) return false;
      }
      out += '}';
      break;
    case Kind::string:
      event::append_json_string(out, text(value));
      break;
    default:
      out += text(value);
  }
  return out.size() <= limit;
}

}  // namespace dragoman::translation
