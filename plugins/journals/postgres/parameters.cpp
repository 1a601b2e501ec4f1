// SPDX-License-Identifier: Apache-2.0
#include "parameters.hpp"

#include <climits>
#include <utility>

#include "common/failure.hpp"

namespace journals::postgres {
namespace {

// Fixed in PostgreSQL's catalog.
constexpr Oid bytea_type = 17, int8_type = 20, text_type = 25;
constexpr Oid bytea_array = 1001, text_array = 1009, int8_array = 1016;

void put32(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 0xff);
}
void put64(std::string& out, std::int64_t value) {
  const auto v = static_cast<std::uint64_t>(value);
  put32(out, static_cast<std::uint32_t>(v >> 32));
  put32(out, static_cast<std::uint32_t>(v));
}
// One dimension, no NULL in it.
void put_array_head(std::string& out, Oid element, std::size_t size) {
  put32(out, size ? 1 : 0);
  put32(out, 0);
  put32(out, element);
  if (!size) return;
  put32(out, static_cast<std::uint32_t>(size));
  put32(out, 1);
}

}  // namespace

Parameters& Parameters::add_value(Oid type, std::string value) {
  if (value.size() > INT_MAX) throw Failure(DGM_E_INVALID, "a record is too large for PostgreSQL");
  types_.push_back(type);
  values_.push_back(std::move(value));
  return *this;
}

Parameters& Parameters::add(std::int64_t value) {
  std::string out;
  put64(out, value);
  return add_value(int8_type, std::move(out));
}

Parameters& Parameters::add(std::string_view text) {
  return add_value(text_type, std::string(text));
}

Parameters& Parameters::add(std::span<const std::int64_t> values) {
  std::string out;
  out.reserve(20 + 12 * values.size());
  put_array_head(out, int8_type, values.size());
  for (const std::int64_t value : values) {
    put32(out, 8);
    put64(out, value);
  }
  return add_value(int8_array, std::move(out));
}

Parameters& Parameters::add_strings(Oid type, Oid element, std::span<const std::string_view> values) {
  std::size_t size = 20;
  for (const std::string_view value : values) size += 4 + value.size();
  std::string out;
  out.reserve(size);
  put_array_head(out, element, values.size());
  for (const std::string_view value : values) {
    put32(out, static_cast<std::uint32_t>(value.size()));
    out.append(value);
  }
  return add_value(type, std::move(out));
}

Parameters& Parameters::add_texts(std::span<const std::string_view> values) {
  return add_strings(text_array, text_type, values);
}
Parameters& Parameters::add_blobs(std::span<const std::string_view> values) {
  return add_strings(bytea_array, bytea_type, values);
}

const char* const* Parameters::values() {
  pointers_.clear();
  for (const std::string& value : values_) pointers_.push_back(value.data());
  return pointers_.data();
}
const int* Parameters::lengths() {
  lengths_.clear();
  for (const std::string& value : values_) lengths_.push_back(static_cast<int>(value.size()));
  return lengths_.data();
}
const int* Parameters::formats() {
  formats_.assign(values_.size(), 1);
  return formats_.data();
}

}  // namespace journals::postgres
