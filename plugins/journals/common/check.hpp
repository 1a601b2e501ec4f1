// SPDX-License-Identifier: Apache-2.0
// The bounds that every journal keeps, so that a record one of them takes is taken by the other. Throws
// Failure(DGM_E_INVALID).
#pragma once
#include <dragoman/ext/journal.h>

#include <cstddef>
#include <span>

namespace journals {

inline constexpr std::size_t stream_limit = 256;  // bytes of a stream's name
inline constexpr std::size_t id_limit = 1024;     // bytes of an id
// Bytes of an attribute's name and of its value: with the name both fit into one entry of a B-tree of PostgreSQL.
inline constexpr std::size_t attribute_name_limit = 256, attribute_value_limit = 1024;
inline constexpr std::size_t body_limit = std::size_t{512} << 20;

void check_stream(dgm_str stream);
void check_records(std::span<const dgm_record> records);
void check_query(const dgm_journal_query& query);
void check_attribute_name(dgm_str name);

}  // namespace journals
