// SPDX-License-Identifier: Apache-2.0
// A journal plugin against what dgm.journal/1 promises, in a store of its own.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <random>
#include <stdexcept>

#include "config/location.hpp"
#include "plugin/call_board.hpp"
#include "plugin/journal_instance.hpp"
#include "plugin/loader.hpp"
#include "verify/nonsense.hpp"
#include "verify/scenarios.hpp"

namespace dragoman::verify {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using service::JournalOutcome;
using service::Record;
using service::RecordQuery;

struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The store cannot be reached.
struct Away : Wrong {
  using Wrong::Wrong;
};

void need(const JournalOutcome& outcome, const char* call) {
  if (!outcome) throw Wrong(fmt::format("{} failed: {}", call, outcome.why));
}
void expect(bool holds, const char* promise) {
  if (!holds) throw Wrong(fmt::format("it does not hold that {}", promise));
}

class Journal {
 public:
  Journal(const Options& options, const std::string& directory, std::string stream) : stream_(std::move(stream)) {
    const auto loaded = plugin::load_plugin(options.file);
    json::value settings = options.settings;
    std::vector<config::Error> errors;
    loaded.plugin->settings_schema.check(settings, "settings", {}, errors);
    instance_ = std::make_unique<plugin::JournalInstance>(loaded.plugin, "verify", directory);
    if (const std::string why = instance_->prepare(json::serialize(settings), false); !why.empty()) throw Wrong(why);
    const JournalOutcome opened = instance_->open();
    if (opened.status == service::JournalStatus::unavailable) throw Away(opened.why);
    need(opened, "open()");
    need(instance_->open_reader(reader_), "reader_open()");
  }
  ~Journal() {
    reader_.reset();
    instance_->close();
  }

  std::vector<std::uint8_t> append(const std::vector<Record>& records) {
    std::vector<const Record*> pointers;
    pointers.reserve(records.size());
    for (const auto& record : records) pointers.push_back(&record);
    std::vector<std::uint8_t> fresh;
    need(instance_->append(pointers, fresh), "append()");
    return fresh;
  }
  std::string ids(const RecordQuery& query) {
    std::vector<Record> found;
    need(reader_->read(query, found), "read()");
    std::string out;
    for (const auto& record : found) out += record.id;
    return out;
  }
  std::uint64_t count(const RecordQuery& query) {
    std::uint64_t n = 0;
    need(reader_->count(query, n), "count()");
    return n;
  }
  // One that nothing else uses: the store may be somebody's.
  const std::string& stream() const { return stream_; }
  RecordQuery all() const {
    RecordQuery query;
    query.stream = stream_;
    query.limit = 100;
    return query;
  }
  Record record(const std::string& id, std::int64_t time_ms, const std::string& kind) const {
    return {0, time_ms, stream_, id, fmt::format("{{\"id\":\"{}\"}}", id), {{"kind", kind}}};
  }
  std::uint64_t trim(const service::Retention& retention) {
    std::uint64_t removed = 0;
    need(instance_->trim(stream_, retention, 10'000'000, 1000, removed), "trim()");
    return removed;
  }
  service::RecordReader& reader() { return *reader_; }
  plugin::JournalInstance& store() { return *instance_; }

 private:
  const std::string stream_;
  std::unique_ptr<plugin::JournalInstance> instance_;
  std::unique_ptr<service::RecordReader> reader_;
};

void reads(Journal& journal) {
  expect(journal.append({journal.record("a", 1000, "x"), journal.record("b", 2000, "y"),
                         journal.record("c", 3000, "x")}) == std::vector<std::uint8_t>{1, 1, 1},
         "records with new ids are fresh");
  expect(journal.append({journal.record("b", 9000, "y"), journal.record("d", 4000, "y"),
                         journal.record("d", 4000, "y")}) == std::vector<std::uint8_t>{0, 1, 0},
         "an id that is there, or comes twice in one call, is stored once");
  RecordQuery query = journal.all();
  expect(journal.ids(query) == "abcd", "read() gives the records in the order in which they came");
  query.after = 2;
  expect(journal.ids(query) == "cd", "read() after a position begins with the next one");
  query.backwards = true;
  expect(journal.ids(query) == "a", "backwards, after means below that position");
  query = journal.all();
  query.skip = 1, query.limit = 2;
  expect(journal.ids(query) == "bc", "skip and limit hold");
  query = journal.all();
  query.from_ms = 2000, query.to_ms = 4000;
  expect(journal.ids(query) == "bc", "from_ms is included and to_ms is not");
  query = journal.all();
  query.filters = {{"kind", {"x"}}};
  expect(journal.ids(query) == "ac" && journal.count(query) == 2, "filters hold, for count() too");
  query = journal.all();
  query.max_bytes = 1;
  expect(journal.ids(query) == "a", "the record that reaches max_bytes is the last, and there is always one");
  query = journal.all();
  query.stream += " another";
  expect(journal.ids(query).empty() && journal.count(query) == 0, "streams are apart");
  std::vector<std::string> values;
  need(journal.reader().values(journal.stream(), "kind", 10, values), "values()");
  expect(values == std::vector<std::string>{"x", "y"}, "values() gives each value once, sorted");
}

void stays(Journal& journal) {
  expect(journal.ids(journal.all()) == "abcd", "what was appended is there after a restart");
  expect(journal.trim({0, 2, 0}) == 2 && journal.ids(journal.all()) == "cd", "trim() leaves the newest records");
  std::uint64_t records = 0, bytes = 0, before = 0;
  need(journal.store().measure(before, bytes), "measure()");
  expect(before >= 2 && bytes > 0, "measure() counts the records");
  journal.append({journal.record("e", 5000, "x")});
  std::vector<Record> found;
  need(journal.reader().read(journal.all(), found), "read()");
  expect(found.size() == 3 && found.back().position == 5, "positions go on without a gap after trim()");
  need(journal.store().measure(records, bytes), "measure()");
  expect(records > before, "measure() counts the record that was appended");
  std::vector<std::string> streams;
  need(journal.store().streams(streams), "streams()");
  expect(std::find(streams.begin(), streams.end(), journal.stream()) != streams.end(), "streams() names the stream");
}

// What a publisher may write: it is stored as it is.
void odd(Journal& journal) {
  std::vector<Record> all;
  for (const auto& text : nonsense()) {
    Record record = journal.record("odd" + std::to_string(all.size()), 6000, text.substr(0, 1000));
    record.body = text;
    // A store may refuse a NUL in them, not in bodies.
    if (text.find('\0') != std::string::npos)
      record.attributes[0].value = "NUL";
    else if (text.size() < 1000)
      record.id += text;
    all.push_back(std::move(record));
  }
  journal.append(all);
  for (const Record& one : all) {
    RecordQuery query = journal.all();
    query.filters = {{"kind", {one.attributes[0].value}}};
    std::vector<Record> found;
    need(journal.reader().read(query, found), "read()");
    const bool there =
        std::any_of(found.begin(), found.end(), [&](const Record& r) { return r.id == one.id && r.body == one.body; });
    if (!there) throw Wrong("this record is not read as it was appended: " + json::serialize(json::string(one.id)));
  }
}

void empties(Journal& journal) {
  journal.trim({1, 0, 0});
  expect(journal.ids(journal.all()).empty(), "trim() removes what is too old");
}

constexpr int away = 2;

}  // namespace

bool try_journal(const Options& options, const std::string& directory, Report& report) {
  const struct {
    const char* name;
    void (*run)(Journal&);
  } scenarios[] = {
      {"append and read", reads}, {"reopen, trim and measure", stays}, {"odd records", odd}, {"removal", empties}};
  const std::string stream = fmt::format("dragoman-verify-{:08x}", std::random_device()());
  for (const auto& scenario : scenarios) {
    const std::string file = fmt::format("{}/journal{}", directory, &scenario - scenarios);
    Child child(
        [&] {
          plugin::keep_calls(file + ".calls");
          try {
            Journal journal(options, directory, stream);
            scenario.run(journal);
            return 0;
          } catch (const Away& e) {
            fmt::print("{}\n", e.what());
            return away;
          }
        },
        file + ".log");
    const Ended end = child.wait(options.patience);
    if (end.code == 0) {
      report.pass(scenario.name);
      continue;
    }
    if (end.code == away) {
      report.skip(scenario.name, child.output(),
                  "There is nothing at the address of the settings, which the plugin is not to be blamed for. Give "
                  "settings with which the store can be reached.");
      return true;
    }
    report.fail(scenario.name, end.code == 1 ? child.output() : end_of(end, file + ".calls") + "\n" + child.output(),
                "dragoman/ext/journal.h says what is promised.");
    return false;
  }
  return true;
}

}  // namespace dragoman::verify
