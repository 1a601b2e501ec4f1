// SPDX-License-Identifier: Apache-2.0
// A journal as the gateway uses it: appends from any thread are committed together by one writer thread, reads are
// answered by a few reader threads. While the store fails, appends wait in a bounded queue and the store is tried
// again.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/journal_store.hpp"
#include "service/recent_ids.hpp"

namespace dragoman::service {

// Times in milliseconds, sizes in bytes.
struct JournalOptions {
  std::string name;
  std::size_t queue_bytes = 64 << 20;       // of appends that wait
  std::uint32_t append_timeout_ms = 10000;  // of appends somebody waits for
  Retention retention;
  unsigned readers = 2;
  std::uint32_t retry_ms = 100, longest_retry_ms = 5000;
};

struct JournalFigures {
  std::uint64_t appended = 0, duplicates = 0, failed_commits = 0, commits = 0, commit_us = 0, failed_appends = 0;
  std::uint64_t reads = 0, read_us = 0, failed_reads = 0;
  std::uint64_t queue_records = 0, queue_bytes = 0, lag_ms = 0;  // lag: age of the oldest append that waits
  std::uint64_t records = 0, bytes = 0, trimmed = 0;             // stored, as last measured
  bool up = false;
};

class Journal {
 public:
  // seen[i]: the same author has stored records[i] before, in this process.
  using Appended = std::function<void(const JournalOutcome&, const std::vector<std::uint8_t>& seen)>;
  using Read = std::function<void(const JournalOutcome&, std::vector<Record>)>;
  using Counted = std::function<void(const JournalOutcome&, std::uint64_t)>;
  using Listed = std::function<void(const JournalOutcome&, std::vector<std::string>)>;

  Journal(JournalOptions options, std::unique_ptr<JournalStore> store);
  ~Journal();

  // Tries to open the store and starts the threads. An outcome that is invalid or damaged: nothing was started;
  // unavailable: it is tried again. Once.
  JournalOutcome start();
  // Stores what waits, for at most timeout_ms, and ends the threads; completes everything. False: something was not
  // stored. Once.
  bool stop(std::uint32_t timeout_ms);

  // The rest: any thread. Completions come exactly once, on a thread of the journal, or inside the call when it
  // refuses. They must not block.

  // Stores the records behind those of earlier calls. awaited: somebody is told of a failure and can try again, so
  // after append_timeout_ms the append fails; otherwise it waits until it is stored.
  void append(std::vector<Record> records, bool awaited, Appended done);
  void read(RecordQuery query, Read done);
  void count(RecordQuery query, Counted done);
  void values(std::string stream, std::string attribute, std::uint64_t most, Listed done);

  const std::string& name() const { return options_.name; }
  // Why it cannot store now; nothing while it can.
  std::optional<std::string> trouble() const;
  JournalFigures figures() const;

 private:
  struct Append {
    std::vector<Record> records;
    Appended done;
    std::size_t bytes = 0;
    std::int64_t since_ms = 0;
    bool awaited = false;
  };
  // Without a reader it tells trouble. A failure that a new reader may mend is told only if this is the last attempt.
  using Job = std::function<JournalOutcome(RecordReader*, const JournalOutcome& trouble, bool last)>;

  static const JournalOutcome ended;

  void write_loop();
  bool ensure_open();
  void failed(const JournalOutcome& outcome);
  void opened();
  void works();
  void commit_next();
  void commit(const std::vector<Append*>& appends);
  void finish(Append& append, const JournalOutcome& outcome, const std::vector<std::uint8_t>& seen);
  void pop(std::size_t count);
  void expire();
  void fail_all(const JournalOutcome& outcome);
  void care();
  void supply_readers();
  void read_loop(unsigned number);
  void queue_read(Job job);
  template <class Answer, class Ask, class Done>
  void queue_question(Ask ask, Done done);

  const JournalOptions options_;
  const std::unique_ptr<JournalStore> store_;

  mutable std::mutex mutex_;
  std::condition_variable writer_wakes_, reader_wakes_;
  std::deque<Append> queue_;  // only the writer takes from it
  std::size_t queued_bytes_ = 0, queued_records_ = 0;
  std::deque<Job> jobs_;
  std::vector<std::unique_ptr<RecordReader>> spare_readers_;  // opened by the writer for reader threads without one
  unsigned readers_wanted_ = 0;
  JournalOutcome trouble_{JournalStatus::unavailable, "the journal is not open yet"};
  bool stopping_ = false, readers_stop_ = false;
  std::int64_t stop_by_ms_ = 0;

  // Of the writer thread.
  bool open_ = false, append_failed_ = false;
  std::uint32_t retry_ms_ = 0;
  std::int64_t retry_at_ms_ = 0, care_at_ms_ = 0, logged_ms_ = 0;
  std::set<std::string> streams_;
  RecentIds recent_{65536};

  struct Counters {
    std::atomic<std::uint64_t> appended{0}, duplicates{0}, failed_commits{0}, commits{0}, commit_us{0},
        failed_appends{0}, reads{0}, read_us{0}, failed_reads{0}, records{0}, bytes{0}, trimmed{0};
  } counters_;
  std::thread writer_;
  std::vector<std::thread> reader_threads_;
  bool stored_all_ = true;
};

}  // namespace dragoman::service
