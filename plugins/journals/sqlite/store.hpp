// SPDX-License-Identifier: Apache-2.0
// A journal in one SQLite file: the writer's side.
#pragma once
#include <dragoman/ext/journal.h>

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "database.hpp"
#include "reader.hpp"
#include "settings_schema.hpp"
#include "tables.hpp"

namespace journals::sqlite {

class Store {
 public:
  static constexpr const char* name = "sqlite";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = sqlite::settings_schema;
  using Reader = sqlite::Reader;

  Store(const boost::json::object& settings, std::string_view state_directory);
  ~Store();

  void open();
  void close() noexcept;
  void append(std::span<const dgm_record> records, std::uint64_t* positions, std::uint8_t* fresh);
  std::uint64_t trim(dgm_str stream, const dgm_journal_retention& retention);
  dgm_status streams(dgm_journal_value value, void* user);
  void measure(dgm_journal_size& size);
  std::unique_ptr<Reader> reader() const;

 private:
  struct Writer;
  struct Change;
  Writer& writer();

  std::string path_;  // absolute
  bool in_state_directory_;
  bool synchronous_full_;
  int busy_timeout_ms_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace journals::sqlite
