// SPDX-License-Identifier: Apache-2.0
#include "store.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <vector>

#include "attribute_list.hpp"
#include "common/failure.hpp"
#include "common/settings.hpp"
#include "common/span_notes.hpp"
#include "common/text.hpp"
#include "common/trim_plan.hpp"

namespace journals::sqlite {

struct Store::Writer {
  Database database;
  Statement find_stream, add_stream, add_record, find_record, add_attribute, note_span, set_stream;
  Statement oldest, remove_attribute, remove_records, remove_spans, names, sizes;

  explicit Writer(const Store& store) : database(store.path_, Database::Access::read_write, store.busy_timeout_ms_) {
    prepare_tables(database);
    database.run(store.synchronous_full_ ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    // Ids are scattered over their index, so its pages should stay in memory. In KiB.
    database.run("PRAGMA cache_size = -32768");
    // A large batch dirties pages all over the index of ids: they shall not be copied back after each. In pages.
    database.run("PRAGMA wal_autocheckpoint = 8192");
    // After a burst the write-ahead log gives its space back.
    database.run("PRAGMA journal_size_limit = 67108864");
    database.run("PRAGMA cell_size_check = ON");
    find_stream = {database, "SELECT stream, first, last, bytes FROM streams WHERE name = ?1"};
    add_stream = {database, "INSERT INTO streams(name, first, last, bytes) VALUES(?1, 1, 0, 0)"};
    add_record = {database,
                  "INSERT INTO records(key, stream, time_ms, id, attributes, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6) "
                  "ON CONFLICT(stream, id) DO NOTHING"};
    find_record = {database, "SELECT key FROM records WHERE stream = ?1 AND id = ?2"};
    add_attribute = {database, "INSERT INTO attributes(stream, name, value, position) VALUES(?1, ?2, ?3, ?4)"};
    note_span = {database,
                 "INSERT INTO spans(stream, span, lowest_ms, highest_ms) VALUES(?1, ?2, ?3, ?4) "
                 "ON CONFLICT(stream, span) DO UPDATE SET lowest_ms = min(lowest_ms, excluded.lowest_ms), "
                 "highest_ms = max(highest_ms, excluded.highest_ms)"};
    set_stream = {database, "UPDATE streams SET first = ?2, last = ?3, bytes = ?4 WHERE stream = ?1"};
    oldest = {database,
              "SELECT key, time_ms, length(body), attributes FROM records WHERE key BETWEEN ?1 AND ?2 ORDER BY key"};
    remove_attribute = {database,
                        "DELETE FROM attributes WHERE stream = ?1 AND name = ?2 AND value = ?3 AND position = ?4"};
    remove_records = {database, "DELETE FROM records WHERE key BETWEEN ?1 AND ?2"};
    remove_spans = {database, "DELETE FROM spans WHERE stream = ?1 AND span < ?2"};
    names = {database, "SELECT name FROM streams ORDER BY name"};
    sizes = {database, "SELECT sum(last - first + 1), sum(bytes) FROM streams"};
  }

  std::optional<StreamRow> find(std::string_view stream) {
    Run row(find_stream);
    row->bind(1, stream);
    if (!row->step()) return std::nullopt;
    return StreamRow::from(find_stream, database);
  }
  void set(const StreamRow& s) {
    Run row(set_stream);
    row->bind(1, s.number).bind(2, static_cast<std::int64_t>(s.first)).bind(3, static_cast<std::int64_t>(s.last));
    row->bind(4, static_cast<std::int64_t>(s.bytes)).step();
  }
};

// What one append does to a stream, written at its end.
struct Store::Change {
  StreamRow row;
  std::vector<SpanNote> spans;
};

Store::Store(const boost::json::object& settings, std::string_view state_directory)
    : path_(text_setting(settings, "path")),
      in_state_directory_(!path_.starts_with('/')),
      busy_timeout_ms_(static_cast<int>(integer_setting(settings, "busy_timeout_ms", 0, 60000))) {
  // ':' and "file:" begin names that SQLite does not take for those of files: nobody who writes one means a file.
  if (path_.empty() || path_.ends_with('/') || path_.starts_with(':') || path_.starts_with("file:"))
    throw Failure(DGM_E_INVALID, "settings.path must be the path of a file, not " + shown(path_));
  if (in_state_directory_) {
    if (state_directory.empty())
      throw Failure(DGM_E_INVALID, "settings.path must begin with a slash, for there is no state directory");
    path_ = std::filesystem::absolute(std::filesystem::path(state_directory) / path_).string();
  }
  const std::string synchronous = text_setting(settings, "synchronous");
  synchronous_full_ = synchronous == "full";
  if (!synchronous_full_ && synchronous != "normal")
    throw Failure(DGM_E_INVALID, "settings.synchronous must be full or normal");
}

Store::~Store() = default;

void Store::open() {
  writer_.reset();
  // Any other directory may be a volume that is not mounted yet.
  if (in_state_directory_) {
    std::error_code ignored;  // what is wrong shows when the file is made
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
  }
  make_file(path_);
  writer_ = std::make_unique<Writer>(*this);
}

void Store::close() noexcept {
  writer_.reset();
}

Store::Writer& Store::writer() {
  if (!writer_) throw Failure(DGM_E_UNAVAILABLE, "the journal file " + shown(path_) + " is not open");
  return *writer_;
}

void Store::append(std::span<const dgm_record> records, std::uint64_t* positions, std::uint8_t* fresh) {
  Writer& w = writer();
  Transaction transaction(w.database, Transaction::Kind::write);
  std::map<std::string_view, Change> changes;
  std::string attributes;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const dgm_record& record = records[i];
    const std::string_view stream = view(record.stream), id = view(record.id), body = view(record.body);
    auto known = changes.find(stream);
    if (known == changes.end()) {
      auto row = w.find(stream);
      if (!row) {
        w.add_stream.bind(1, stream).run();
        row.emplace();
        row->number = w.database.last_rowid();
      }
      if (row->number > stream_number_limit) throw Failure(DGM_E_INVALID, "the journal has too many streams");
      known = changes.emplace(stream, Change{*row, {}}).first;
    }
    Change& change = known->second;
    StreamRow& row = change.row;
    if (row.last >= static_cast<std::uint64_t>(position_limit))
      throw Failure(DGM_E_INVALID, "the stream " + shown(stream) + " has no position left");
    const std::uint64_t position = row.last + 1;

    const std::span fields(record.attributes, record.attribute_count);
    attributes.clear();
    for (const dgm_field& field : fields) append_attribute(attributes, view(field.name), view(field.value));
    w.add_record.bind(1, key_of(row.number, position)).bind(2, row.number).bind(3, record.time_ms).bind(4, id);
    w.add_record.bind_blob(5, attributes).bind_blob(6, body).run();
    if (w.database.changes() == 0) {
      Run found(w.find_record);
      found->bind(1, row.number).bind(2, id);
      if (!found->step()) w.database.fail(SQLITE_CORRUPT);
      positions[i] = position_of(found->integer(0));
      fresh[i] = 0;
      continue;
    }
    for (const dgm_field& field : fields) {
      w.add_attribute.bind(1, row.number).bind(2, view(field.name)).bind(3, view(field.value));
      w.add_attribute.bind(4, static_cast<std::int64_t>(position)).run();
    }
    note_time(change.spans, position, record.time_ms);
    row.last = position;
    row.bytes += body.size();
    positions[i] = position;
    fresh[i] = 1;
  }
  for (const auto& [stream, change] : changes) {
    if (change.spans.empty()) continue;
    w.set(change.row);
    for (const SpanNote& note : change.spans) {
      w.note_span.bind(1, change.row.number).bind(2, static_cast<std::int64_t>(note.span));
      w.note_span.bind(3, note.lowest).bind(4, note.highest).run();
    }
  }
  transaction.commit();
}

std::uint64_t Store::trim(dgm_str stream, const dgm_journal_retention& retention) {
  Writer& w = writer();
  Transaction transaction(w.database, Transaction::Kind::write);
  const auto found = w.find(view(stream));
  if (!found) return 0;
  const std::int64_t number = found->number;
  TrimPlan plan(retention, found->first, found->last, found->bytes);
  {
    Run records(w.oldest);
    records->bind(1, key_of(number, found->first)).bind(2, key_of(number, found->last));
    while (plan.looks_further()) {
      if (!records->step() || position_of(records->integer(0)) != plan.first()) w.database.fail(SQLITE_CORRUPT);
      if (!plan.removes(records->integer(1))) break;
      AttributeList attributes(records->bytes(3));
      while (const auto field = attributes.next()) {
        w.remove_attribute.bind(1, number).bind(2, field->first).bind(3, field->second);
        w.remove_attribute.bind(4, static_cast<std::int64_t>(plan.first())).run();
      }
      if (attributes.damaged()) w.database.fail(SQLITE_CORRUPT);
      plan.remove(static_cast<std::uint64_t>(records->integer(2)));
    }
  }
  if (!plan.removed()) return 0;
  w.remove_records.bind(1, key_of(number, found->first)).bind(2, key_of(number, plan.first() - 1)).run();
  w.remove_spans.bind(1, number).bind(2, static_cast<std::int64_t>(span_of(plan.first()))).run();
  w.set({number, plan.first(), found->last, plan.bytes()});
  transaction.commit();
  return plan.removed();
}

dgm_status Store::streams(dgm_journal_value value, void* user) {
  Run row(writer().names);
  while (row->step()) {
    const std::string_view stream = row->bytes(0);
    const dgm_status status = value(user, {stream.data(), stream.size()});
    if (status < 0) return status;
  }
  return DGM_OK;
}

void Store::measure(dgm_journal_size& size) {
  Run row(writer().sizes);
  row->step();
  size.records = static_cast<std::uint64_t>(row->integer(0));
  size.bytes = static_cast<std::uint64_t>(row->integer(1));
}

std::unique_ptr<Reader> Store::reader() const {
  return std::make_unique<Reader>(path_, busy_timeout_ms_);
}

}  // namespace journals::sqlite
