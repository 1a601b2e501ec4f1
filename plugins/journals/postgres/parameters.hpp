// SPDX-License-Identifier: Apache-2.0
// The parameters of a statement in PostgreSQL's binary form.
#pragma once
#include <libpq-fe.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace journals::postgres {

class Parameters {
 public:
  Parameters& add(std::int64_t value);
  // Positions and lengths; the caller keeps them below 2^63.
  Parameters& add(std::uint64_t value) { return add(static_cast<std::int64_t>(value)); }
  Parameters& add(std::string_view text);
  Parameters& add(std::span<const std::int64_t> values);
  Parameters& add_texts(std::span<const std::string_view> values);
  Parameters& add_blobs(std::span<const std::string_view> values);

  // For libpq; valid until the next add().
  int count() const { return static_cast<int>(values_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* values();
  const int* lengths();
  const int* formats();

 private:
  Parameters& add_value(Oid type, std::string value);
  Parameters& add_strings(Oid type, Oid element, std::span<const std::string_view> values);

  std::vector<Oid> types_;
  std::vector<std::string> values_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_, formats_;
};

}  // namespace journals::postgres
