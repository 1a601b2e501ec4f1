// SPDX-License-Identifier: Apache-2.0
#include "common/check.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/failure.hpp"
#include "common/text.hpp"

namespace journals {
namespace {

[[noreturn]] void refuse(const std::string& sentence) {
  throw Failure(DGM_E_INVALID, sentence);
}

void check_text(dgm_str s, std::size_t limit, const char* what) {
  if (s.len && !s.ptr) refuse(std::string(what) + " is a null pointer");
  if (s.len > limit) refuse(std::string(what) + " is longer than " + std::to_string(limit) + " bytes");
  if (!is_text(view(s))) refuse(std::string(what) + " is not text: it has a NUL or is not UTF-8");
}

void check_attributes(const dgm_record& record) {
  const std::span<const dgm_field> attributes(record.attributes, record.attribute_count);
  for (const dgm_field& field : attributes) {
    check_attribute_name(field.name);
    check_text(field.value, attribute_value_limit, "the value of an attribute");
  }
  if (attributes.size() < 2) return;
  std::vector<std::string_view> names;
  names.reserve(attributes.size());
  for (const dgm_field& field : attributes) names.push_back(view(field.name));
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) refuse("a record has the attribute " + shown(*twice) + " twice");
}

}  // namespace

void check_stream(dgm_str stream) {
  check_text(stream, stream_limit, "the name of a stream");
}

void check_attribute_name(dgm_str name) {
  check_text(name, attribute_name_limit, "the name of an attribute");
}

void check_records(std::span<const dgm_record> records) {
  for (const dgm_record& record : records) {
    if (record.size != sizeof(dgm_record)) refuse("a record has another form than this plugin knows");
    check_stream(record.stream);
    check_text(record.id, id_limit, "the id of a record");
    if (record.body.len && !record.body.ptr) refuse("the body of a record is a null pointer");
    if (record.body.len > body_limit)
      refuse("the body of the record " + shown(view(record.id)) + " is larger than " +
             std::to_string(body_limit >> 20) + " MiB");
    check_attributes(record);
  }
}

void check_query(const dgm_journal_query& query) {
  if (query.size != sizeof(dgm_journal_query)) refuse("a query has another form than this plugin knows");
  if (query.flags & ~std::uint32_t{DGM_JOURNAL_BACKWARDS}) refuse("a query has a flag that this plugin does not know");
  check_stream(query.stream);
  for (const dgm_journal_filter& filter : std::span(query.filters, query.filter_count)) {
    check_attribute_name(filter.attribute);
    // Longer values are stored nowhere, so they may be asked for and match nothing.
    for (const dgm_str& value : std::span(filter.values, filter.value_count))
      check_text(value, SIZE_MAX, "the value of a filter");
  }
}

}  // namespace journals
