// SPDX-License-Identifier: Apache-2.0
// The tables of a journal file.
#pragma once
#include <cstdint>
#include <string>

#include "common/failure.hpp"
#include "database.hpp"

namespace journals::sqlite {

// Records are clustered by stream and position: a key has the stream above, the position in its low 40 bits.
inline constexpr int position_bits = 40;
inline constexpr std::int64_t position_limit = (std::int64_t{1} << position_bits) - 1;
inline constexpr std::int64_t stream_number_limit = (std::int64_t{1} << (62 - position_bits)) - 1;

constexpr std::int64_t key_of(std::int64_t stream, std::uint64_t position) {
  return (stream << position_bits) | static_cast<std::int64_t>(position);
}
constexpr std::uint64_t position_of(std::int64_t key) {
  return static_cast<std::uint64_t>(key & position_limit);
}

// A row of streams. last - first + 1 records are there.
struct StreamRow {
  std::int64_t number = 0;
  std::uint64_t first = 1, last = 0, bytes = 0;

  // From the columns stream, first, last, bytes, which begin at column 0.
  static StreamRow from(const Statement& row, const Database& database) {
    const std::int64_t number = row.integer(0), first = row.integer(1), last = row.integer(2), bytes = row.integer(3);
    if (number < 1 || number > stream_number_limit || first < 1 || last > position_limit || first > last + 1 ||
        bytes < 0)
      database.fail(SQLITE_CORRUPT);
    return {number, static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last),
            static_cast<std::uint64_t>(bytes)};
  }
};

// Makes an empty file of mode 0600 if there is none. Throws Failure.
void make_file(const std::string& path);
// Makes the tables in an empty database; refuses one that is another program's or of a later version. Throws Failure.
void prepare_tables(Database& database);

}  // namespace journals::sqlite
