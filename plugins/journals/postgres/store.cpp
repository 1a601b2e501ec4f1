// SPDX-License-Identifier: Apache-2.0
#include "store.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "common/failure.hpp"
#include "common/span_notes.hpp"
#include "common/text.hpp"
#include "common/trim_plan.hpp"
#include "tables.hpp"

namespace journals::postgres {
namespace {
// One INSERT carries at most so many rows, and bytes unless a single record has more.
constexpr std::size_t rows_per_insert = 5000, bytes_per_insert = std::size_t{8} << 20;
constexpr std::uint64_t rows_per_look = 10000;  // of trim
}  // namespace

Store::Store(const boost::json::object& settings, std::string_view) : settings_(read_settings(settings)) {}

void Store::open() {
  connection_.reset();
  auto made = std::make_unique<Connection>(settings_, Connection::Use::write);
  prepare_tables(*made, settings_.schema);
  connection_ = std::move(made);
}

void Store::close() noexcept {
  connection_.reset();
}

Connection& Store::connection() {
  if (!connection_)
    throw Failure(DGM_E_UNAVAILABLE, "the PostgreSQL journal " + shown(settings_.schema) + " is not open");
  return *connection_;
}

Result Store::lock(std::string_view stream) {
  return connection().run(
      "SELECT stream, first, last, bytes FROM " + table(settings_.schema, "streams") + " WHERE name = $1 FOR UPDATE",
      Parameters().add(stream));
}

void Store::append(std::span<const dgm_record> records, std::uint64_t* positions, std::uint8_t* fresh) {
  Transaction transaction(connection(), Transaction::Kind::write);
  // In the order of their names, so that two nodes never wait for each other.
  std::map<std::string_view, std::vector<std::size_t>> streams;
  for (std::size_t i = 0; i < records.size(); ++i) streams[view(records[i].stream)].push_back(i);
  for (const auto& [stream, chosen] : streams) append_to(stream, records, chosen, positions, fresh);
  transaction.commit();
}

void Store::append_to(std::string_view stream, std::span<const dgm_record> records,
                      const std::vector<std::size_t>& chosen, std::uint64_t* positions, std::uint8_t* fresh) {
  Connection& c = connection();
  Result row = lock(stream);
  if (!row.rows()) {
    c.run("INSERT INTO " + table(settings_.schema, "streams") + "(name) VALUES ($1) ON CONFLICT DO NOTHING",
          Parameters().add(stream));
    row = lock(stream);
  }
  const std::int64_t number = row.integer(0, 0);
  std::uint64_t last = row.natural(0, 2), bytes = row.natural(0, 3);

  std::vector<std::string_view> ids;
  ids.reserve(chosen.size());
  for (const std::size_t i : chosen) ids.push_back(view(records[i].id));
  const Result there =
      c.run("SELECT id, position FROM " + table(settings_.schema, "records") + " WHERE stream = $1 AND id = ANY($2)",
            Parameters().add(number).add_texts(ids));
  std::unordered_map<std::string_view, std::uint64_t> known;
  for (int i = 0; i < there.rows(); ++i) known.emplace(there.bytes(i, 0), there.natural(i, 1));

  const std::uint64_t first = last + 1;
  std::vector<const dgm_record*> added;
  for (const std::size_t i : chosen) {
    const auto [place, is_new] = known.emplace(view(records[i].id), last + 1);
    positions[i] = place->second;
    fresh[i] = is_new;
    if (!is_new) continue;
    ++last;
    bytes += records[i].body.len;
    added.push_back(&records[i]);
  }
  if (added.empty()) return;
  for (std::size_t begin = 0; begin < added.size();) {
    std::size_t end = begin, size = 0;
    do size += added[end++]->body.len;
    while (end < added.size() && end - begin < rows_per_insert && size + added[end]->body.len <= bytes_per_insert);
    insert(number, std::span(added).subspan(begin, end - begin), first + begin);
    begin = end;
  }
  c.run("UPDATE " + table(settings_.schema, "streams") + " SET last = $2, bytes = $3 WHERE stream = $1",
        Parameters().add(number).add(last).add(bytes));
}

void Store::insert(std::int64_t stream, std::span<const dgm_record* const> records, std::uint64_t first) {
  std::vector<std::int64_t> positions, times, attribute_positions, spans, lowest, highest;
  std::vector<std::string_view> ids, bodies, names, values;
  std::vector<SpanNote> notes;
  for (const dgm_record* record : records) {
    const std::uint64_t position = first + positions.size();
    positions.push_back(static_cast<std::int64_t>(position));
    times.push_back(record->time_ms);
    ids.push_back(view(record->id));
    bodies.push_back(view(record->body));
    for (const dgm_field& field : std::span(record->attributes, record->attribute_count)) {
      names.push_back(view(field.name));
      values.push_back(view(field.value));
      attribute_positions.push_back(static_cast<std::int64_t>(position));
    }
    note_time(notes, position, record->time_ms);
  }
  for (const SpanNote& note : notes) {
    spans.push_back(static_cast<std::int64_t>(note.span));
    lowest.push_back(note.lowest);
    highest.push_back(note.highest);
  }
  const std::string& schema = settings_.schema;
  connection().run("INSERT INTO " + table(schema, "records") +
                       "(stream, position, time_ms, id, body) SELECT $1, r.* FROM "
                       "unnest($2::bigint[], $3::bigint[], $4::text[], $5::bytea[]) AS r",
                   Parameters().add(stream).add(positions).add(times).add_texts(ids).add_blobs(bodies));
  if (!names.empty())
    connection().run("INSERT INTO " + table(schema, "attributes") +
                         "(stream, name, value, position) SELECT $1, a.* FROM "
                         "unnest($2::text[], $3::text[], $4::bigint[]) AS a",
                     Parameters().add(stream).add_texts(names).add_texts(values).add(attribute_positions));
  connection().run("INSERT INTO " + table(schema, "spans") +
                       " AS s(stream, span, lowest_ms, highest_ms) SELECT $1, n.* FROM "
                       "unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS n ON CONFLICT (stream, span) DO UPDATE "
                       "SET lowest_ms = least(s.lowest_ms, excluded.lowest_ms), "
                       "highest_ms = greatest(s.highest_ms, excluded.highest_ms)",
                   Parameters().add(stream).add(spans).add(lowest).add(highest));
}

std::uint64_t Store::trim(dgm_str stream, const dgm_journal_retention& retention) {
  Connection& c = connection();
  const std::string& schema = settings_.schema;
  Transaction transaction(c, Transaction::Kind::write);
  const Result row = lock(view(stream));
  if (!row.rows()) return 0;
  const std::int64_t number = row.integer(0, 0);
  const std::uint64_t first = row.natural(0, 1), last = row.natural(0, 2);
  TrimPlan plan(retention, first, last, row.natural(0, 3));
  for (bool stopped = false; !stopped && plan.looks_further();) {
    const std::uint64_t most = std::min(rows_per_look, retention.most - plan.removed());
    const Result oldest =
        c.run("SELECT position, time_ms, octet_length(body)::bigint FROM " + table(schema, "records") +
                  " WHERE stream = $1 AND position BETWEEN $2 AND $3 ORDER BY position",
              Parameters().add(number).add(plan.first()).add(std::min(last, plan.first() + most - 1)));
    if (!oldest.rows()) c.fail(DGM_E_INTERNAL, "the tables are damaged: records are missing");
    for (int i = 0; i < oldest.rows() && !stopped; ++i) {
      stopped = !plan.looks_further() || !plan.removes(oldest.integer(i, 1));
      if (stopped) break;
      if (oldest.natural(i, 0) != plan.first()) c.fail(DGM_E_INTERNAL, "the tables are damaged: records are missing");
      plan.remove(oldest.natural(i, 2));
    }
  }
  if (!plan.removed()) return 0;
  const auto gone = Parameters().add(number).add(first).add(plan.first() - 1);
  c.run("DELETE FROM " + table(schema, "records") + " WHERE stream = $1 AND position BETWEEN $2 AND $3", gone);
  // As the index has it (tables.cpp).
  c.run("DELETE FROM " + table(schema, "attributes") + " WHERE stream = $1 AND position + 0 BETWEEN $2 AND $3", gone);
  c.run("DELETE FROM " + table(schema, "spans") + " WHERE stream = $1 AND span < $2",
        Parameters().add(number).add(span_of(plan.first())));
  c.run("UPDATE " + table(schema, "streams") + " SET first = $2, bytes = $3 WHERE stream = $1",
        Parameters().add(number).add(plan.first()).add(plan.bytes()));
  transaction.commit();
  return plan.removed();
}

dgm_status Store::streams(dgm_journal_value value, void* user) {
  dgm_status status = DGM_OK;
  connection().each("SELECT name FROM " + table(settings_.schema, "streams") + " ORDER BY name", {},
                    [&](const Result& row) {
                      const std::string_view stream = row.bytes(0, 0);
                      const dgm_status answer = value(user, {stream.data(), stream.size()});
                      if (answer < 0) status = answer;
                      return answer >= 0;
                    });
  return status;
}

void Store::measure(dgm_journal_size& size) {
  const Result sums =
      connection().run("SELECT coalesce(sum(last - first + 1), 0)::bigint, coalesce(sum(bytes), 0)::bigint FROM " +
                       table(settings_.schema, "streams"));
  size.records = sums.natural(0, 0);
  size.bytes = sums.natural(0, 1);
}

std::unique_ptr<Reader> Store::reader() const {
  return std::make_unique<Reader>(settings_);
}

}  // namespace journals::postgres
