// SPDX-License-Identifier: Apache-2.0
// A journal plugin against what dgm.journal/1 promises, in a store of its own.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <stdexcept>

#include "config/files.hpp"
#include "config/location.hpp"
#include "plugin/journal_instance.hpp"
#include "plugin/loader.hpp"
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

void need(const JournalOutcome& outcome, const char* call) {
  if (!outcome) throw Wrong(fmt::format("{} failed: {}", call, outcome.why));
}
void expect(bool holds, const char* promise) {
  if (!holds) throw Wrong(fmt::format("it does not hold that {}", promise));
}

class Journal {
 public:
  Journal(const Options& options, const std::string& directory) {
    const auto loaded = plugin::load_plugin(options.file);
    json::value settings = options.settings;
    std::vector<config::Error> errors;
    loaded.plugin->settings_schema.check(settings, "settings", {}, errors);
    instance_ = std::make_unique<plugin::JournalInstance>(loaded.plugin, "verify", directory);
    if (const std::string why = instance_->prepare(json::serialize(settings), false); !why.empty()) throw Wrong(why);
    need(instance_->open(), "open()");
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
  service::RecordReader& reader() { return *reader_; }
  plugin::JournalInstance& store() { return *instance_; }

 private:
  std::unique_ptr<plugin::JournalInstance> instance_;
  std::unique_ptr<service::RecordReader> reader_;
};

RecordQuery all() {
  RecordQuery query;
  query.stream = "verify";
  query.limit = 100;
  return query;
}

Record record(const char* id, std::int64_t time_ms, const char* kind) {
  return {0, time_ms, "verify", id, fmt::format("{{\"id\":\"{}\"}}", id), {{"kind", kind}}};
}

void reads(Journal& journal) {
  expect(journal.append({record("a", 1000, "x"), record("b", 2000, "y"), record("c", 3000, "x")}) ==
             std::vector<std::uint8_t>{1, 1, 1},
         "records with new ids are fresh");
  expect(journal.append({record("b", 9000, "y"), record("d", 4000, "y"), record("d", 4000, "y")}) ==
             std::vector<std::uint8_t>{0, 1, 0},
         "an id that is there, or comes twice in one call, is stored once");
  RecordQuery query = all();
  expect(journal.ids(query) == "abcd", "read() gives the records in the order in which they came");
  query.after = 2;
  expect(journal.ids(query) == "cd", "read() after a position begins with the next one");
  query.backwards = true;
  expect(journal.ids(query) == "a", "backwards, after means below that position");
  query = all();
  query.skip = 1, query.limit = 2;
  expect(journal.ids(query) == "bc", "skip and limit hold");
  query = all();
  query.from_ms = 2000, query.to_ms = 4000;
  expect(journal.ids(query) == "bc", "from_ms is included and to_ms is not");
  query = all();
  query.filters = {{"kind", {"x"}}};
  expect(journal.ids(query) == "ac" && journal.count(query) == 2, "filters hold, for count() too");
  query = all();
  query.max_bytes = 1;
  expect(journal.ids(query) == "a", "the record that reaches max_bytes is the last, and there is always one");
  query = all();
  query.stream = "another";
  expect(journal.ids(query).empty() && journal.count(query) == 0, "streams are apart");
  std::vector<std::string> values;
  need(journal.reader().values("verify", "kind", 10, values), "values()");
  expect(values == std::vector<std::string>{"x", "y"}, "values() gives each value once, sorted");
}

void stays(Journal& journal) {
  expect(journal.ids(all()) == "abcd", "what was appended is there after a restart");
  std::uint64_t removed = 0, records = 0, bytes = 0;
  need(journal.store().trim("verify", {0, 2, 0}, 10'000, 100, removed), "trim()");
  expect(removed == 2 && journal.ids(all()) == "cd", "trim() leaves the newest records");
  journal.append({record("e", 5000, "x")});
  std::vector<Record> found;
  need(journal.reader().read(all(), found), "read()");
  expect(found.size() == 3 && found.back().position == 5, "positions go on without a gap after trim()");
  need(journal.store().measure(records, bytes), "measure()");
  expect(records == 3 && bytes > 0, "measure() counts the records");
  std::vector<std::string> streams;
  need(journal.store().streams(streams), "streams()");
  expect(std::find(streams.begin(), streams.end(), "verify") != streams.end(), "streams() names the stream");
}

}  // namespace

void try_journal(const Options& options, const std::string& directory, Report& report) {
  const struct {
    const char* name;
    void (*run)(Journal&);
  } scenarios[] = {{"append and read", reads}, {"reopen, trim and measure", stays}};
  for (const auto& scenario : scenarios) {
    Child child(
        [&] {
          try {
            Journal journal(options, directory);
            scenario.run(journal);
            return 0;
          } catch (const std::exception& e) {
            fmt::print("{}\n", e.what());
            std::fflush(stdout);
            return 1;
          }
        },
        fmt::format("{}/{}.log", directory, scenario.run == reads ? "reads" : "stays"));
    const Ended end = child.wait(30s);
    if (end.code == 0) {
      report.pass(scenario.name);
      continue;
    }
    report.fail(scenario.name, end.code == 1 ? child.output() : end.sentence() + "\n" + child.output(),
                "dragoman/ext/journal.h says what is promised. If the store cannot be reached from here, give settings "
                "with which it can.");
    return;
  }
}

}  // namespace dragoman::verify
