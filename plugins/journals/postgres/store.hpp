// SPDX-License-Identifier: Apache-2.0
// A journal in a PostgreSQL database: the writer's side. Several nodes may append to one stream at once: each takes its
// positions under the lock of the stream's row, so records become visible in the order of their positions.
#pragma once
#include <dragoman/ext/journal.h>

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "reader.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

namespace journals::postgres {

class Store {
 public:
  static constexpr const char* name = "postgres";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = postgres::settings_schema;
  using Reader = postgres::Reader;

  Store(const boost::json::object& settings, std::string_view state_directory);

  void open();
  void close() noexcept;
  void append(std::span<const dgm_record> records, std::uint64_t* positions, std::uint8_t* fresh);
  std::uint64_t trim(dgm_str stream, const dgm_journal_retention& retention);
  dgm_status streams(dgm_journal_value value, void* user);
  void measure(dgm_journal_size& size);
  std::unique_ptr<Reader> reader() const;

 private:
  Connection& connection();
  Result lock(std::string_view stream);
  void append_to(std::string_view stream, std::span<const dgm_record> records, const std::vector<std::size_t>& chosen,
                 std::uint64_t* positions, std::uint8_t* fresh);
  void insert(std::int64_t stream, std::span<const dgm_record* const> records, std::uint64_t first);

  Settings settings_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace journals::postgres
