// SPDX-License-Identifier: Apache-2.0
#include "common/json_check.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace dialects {
namespace {

namespace json = boost::json;
using Failure = json::error_code;

// Only the verdict of the parser is wanted.
struct Ignore {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Text = json::string_view;
  bool on_document_begin(Failure&) { return true; }
  bool on_document_end(Failure&) { return true; }
  bool on_object_begin(Failure&) { return true; }
  bool on_object_end(std::size_t, Failure&) { return true; }
  bool on_array_begin(Failure&) { return true; }
  bool on_array_end(std::size_t, Failure&) { return true; }
  bool on_key_part(Text, std::size_t, Failure&) { return true; }
  bool on_key(Text, std::size_t, Failure&) { return true; }
  bool on_string_part(Text, std::size_t, Failure&) { return true; }
  bool on_string(Text, std::size_t, Failure&) { return true; }
  bool on_number_part(Text, Failure&) { return true; }
  bool on_int64(std::int64_t, Text, Failure&) { return true; }
  bool on_uint64(std::uint64_t, Text, Failure&) { return true; }
  bool on_double(double, Text, Failure&) { return true; }
  bool on_bool(bool, Failure&) { return true; }
  bool on_null(Failure&) { return true; }
  bool on_comment_part(Text, Failure&) { return true; }
  bool on_comment(Text, Failure&) { return true; }
};

}  // namespace

std::optional<std::string> check_json(std::string_view text, bool lenient, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  options.allow_trailing_commas = lenient;
  json::basic_parser<Ignore> parser(options);
  Failure failure;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && used < text.size()) failure = json::error::extra_data;
  if (failure) return failure.message();
  return std::nullopt;
}

std::optional<std::string_view> check_value(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
  if (check_json(text, false)) return std::nullopt;
  return text;
}

std::optional<std::string_view> check_object(std::string_view text) {
  const auto value = check_value(text);
  return value && value->starts_with('{') ? value : std::nullopt;
}

}  // namespace dialects
