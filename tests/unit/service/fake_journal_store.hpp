// SPDX-License-Identifier: Apache-2.0
// A journal store in memory that fails when a test says so, and what tests of service::Journal wait with.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/journal.hpp"

namespace dragoman::service {

// What the store holds and how it behaves; outlives the journal, so that a test looks at it from its own thread.
struct FakeStorage {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Record> records;
  std::set<std::string> ids;
  std::vector<std::size_t> commits;  // records of each append that was stored
  int opens = 0, closes = 0, attempts = 0, readers_opened = 0, readers_alive = 0, trims = 0;
  std::uint64_t largest_trim = 0;
  JournalOutcome open_answer, append_answer, reader_answer, read_answer, trim_answer;
  int failing_appends = 0;  // this many fail with append_answer, then it is ok; -1: all
  int broken_readers =
      0;  // so many of those that were opened first fail with read_answer, the others work; 0: all fail
  int trims_allowed = -1;  // further ones are held; -1: none
  bool hold_appends = false, hold_reads = false;

  template <class F>
  void set(F&& f) {
    {
      const std::lock_guard lock(mutex);
      f(*this);
    }
    changed.notify_all();
  }
  template <class F>
  bool wait(F&& f) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), [&] { return f(*this); });
  }
  std::vector<std::string> stored_ids() {
    const std::lock_guard lock(mutex);
    std::vector<std::string> out;
    for (const Record& record : records) out.push_back(record.id);
    return out;
  }
};

class FakeReader final : public RecordReader {
 public:
  explicit FakeReader(FakeStorage& storage) : s_(storage), number_(storage.readers_opened) { ++s_.readers_alive; }
  ~FakeReader() override {
    s_.set([](FakeStorage& s) { --s.readers_alive; });
  }
  JournalOutcome read(const RecordQuery& query, std::vector<Record>& out) override {
    std::unique_lock lock(s_.mutex);
    s_.changed.wait(lock, [&] { return !s_.hold_reads; });
    for (const Record& record : s_.records)
      if (record.stream == query.stream && record.position > query.after && out.size() < query.limit)
        out.push_back(record);
    return answer();
  }
  JournalOutcome count(const RecordQuery& query, std::uint64_t& out) override {
    const std::lock_guard lock(s_.mutex);
    out = static_cast<std::uint64_t>(
        std::count_if(s_.records.begin(), s_.records.end(), [&](const Record& r) { return r.stream == query.stream; }));
    return answer();
  }
  JournalOutcome values(std::string_view, std::string_view, std::uint64_t, std::vector<std::string>& out) override {
    const std::lock_guard lock(s_.mutex);
    out = {"a", "b"};
    return answer();
  }

 private:
  JournalOutcome answer() const {
    return s_.broken_readers && number_ > s_.broken_readers ? JournalOutcome{} : s_.read_answer;
  }
  FakeStorage& s_;
  const int number_;
};

// A record whose body is "invalid" can never be stored.
class FakeStore final : public JournalStore {
 public:
  explicit FakeStore(FakeStorage& storage) : s_(storage) {}
  JournalOutcome open() override {
    JournalOutcome answer;
    s_.set([&](FakeStorage& s) {
      ++s.opens;
      answer = s.open_answer;
    });
    return answer;
  }
  JournalOutcome append(const std::vector<const Record*>& records, std::vector<std::uint8_t>& fresh) override {
    std::unique_lock lock(s_.mutex);
    ++s_.attempts;
    s_.changed.notify_all();
    s_.changed.wait(lock, [&] { return !s_.hold_appends; });
    if (s_.failing_appends != 0) {
      if (s_.failing_appends > 0) --s_.failing_appends;
      return s_.append_answer;
    }
    for (const Record* record : records)
      if (record->body == "invalid") return {JournalStatus::invalid, "the body is invalid"};
    for (std::size_t i = 0; i < records.size(); ++i) {
      fresh[i] = s_.ids.insert(records[i]->stream + "/" + records[i]->id).second;
      if (!fresh[i]) continue;
      s_.records.push_back(*records[i]);
      s_.records.back().position = s_.records.size();
    }
    s_.commits.push_back(records.size());
    s_.changed.notify_all();
    return {};
  }
  JournalOutcome trim(std::string_view, const Retention& retention, std::int64_t, std::uint64_t most,
                      std::uint64_t& removed) override {
    std::unique_lock lock(s_.mutex);
    s_.changed.wait(lock, [&] { return s_.trims_allowed < 0 || s_.trims < s_.trims_allowed; });
    if (!s_.trim_answer) return s_.trim_answer;
    ++s_.trims;
    const std::uint64_t over = s_.records.size() > retention.records ? s_.records.size() - retention.records : 0;
    removed = std::min<std::uint64_t>(over, most);
    s_.largest_trim = std::max(s_.largest_trim, removed);
    s_.records.erase(s_.records.begin(), s_.records.begin() + static_cast<std::ptrdiff_t>(removed));
    s_.changed.notify_all();
    return {};
  }
  JournalOutcome streams(std::vector<std::string>& out) override {
    const std::lock_guard lock(s_.mutex);
    for (const Record& record : s_.records) out.push_back(record.stream);
    return {};
  }
  JournalOutcome measure(std::uint64_t& records, std::uint64_t& bytes) override {
    const std::lock_guard lock(s_.mutex);
    records = s_.records.size();
    bytes = 10 * records;
    return {};
  }
  JournalOutcome open_reader(std::unique_ptr<RecordReader>& out) override {
    const std::lock_guard lock(s_.mutex);
    if (!s_.reader_answer) return s_.reader_answer;
    ++s_.readers_opened;
    out = std::make_unique<FakeReader>(s_);
    return {};
  }
  void close() override {
    s_.set([](FakeStorage& s) { ++s.closes; });
  }

 private:
  FakeStorage& s_;
};

// What an append or read was told. Shared with the completion, which may come after the test has given up.
struct Told {
  std::mutex mutex;
  std::condition_variable changed;
  int times = 0;
  JournalOutcome outcome;
  std::vector<std::uint8_t> seen;
  std::vector<std::string> ids;
  std::uint64_t count = 0;

  template <class F>
  void tell(const JournalOutcome& told, F&& f) {
    {
      const std::lock_guard lock(mutex);
      ++times;
      outcome = told;
      f();
    }
    changed.notify_all();
  }
  // False: not within 20 seconds.
  bool wait() {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), [&] { return times > 0; });
  }
  bool waits() {
    const std::lock_guard lock(mutex);
    return times == 0;
  }
};
using ToldPtr = std::shared_ptr<Told>;

inline Record record(std::string id, std::string body = "b", std::string stream = "s") {
  Record r;
  r.stream = std::move(stream);
  r.id = std::move(id);
  r.body = std::move(body);
  return r;
}

inline ToldPtr append(Journal& journal, std::vector<Record> records, bool awaited = true) {
  auto told = std::make_shared<Told>();
  journal.append(std::move(records), awaited, [told](const JournalOutcome& outcome, const auto& seen) {
    told->tell(outcome, [&] { told->seen = seen; });
  });
  return told;
}

inline ToldPtr read(Journal& journal, std::uint64_t limit = 1000, std::string stream = "s") {
  auto told = std::make_shared<Told>();
  RecordQuery query;
  query.stream = std::move(stream);
  query.limit = limit;
  journal.read(query, [told](const JournalOutcome& outcome, const std::vector<Record>& records) {
    told->tell(outcome, [&] {
      for (const Record& r : records) told->ids.push_back(r.id);
    });
  });
  return told;
}

template <class F>
bool eventually(F&& f) {
  for (int i = 0; i < 20000; ++i) {
    if (f()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace dragoman::service
