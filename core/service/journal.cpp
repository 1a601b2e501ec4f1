// SPDX-License-Identifier: Apache-2.0
#include "service/journal.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace dragoman::service {
namespace {

constexpr std::size_t commit_records = 4096, commit_bytes = 8 << 20;
constexpr std::int64_t care_interval_ms = 5000;
constexpr std::uint64_t trim_step = 1000;

}  // namespace

const JournalOutcome Journal::ended{JournalStatus::canceled, "the gateway is stopping"};

Journal::Journal(JournalOptions options, std::unique_ptr<JournalStore> store)
    : options_(std::move(options)), store_(std::move(store)) {}

Journal::~Journal() {
  stop(0);
}

JournalOutcome Journal::start() {
  JournalOutcome outcome = store_->open();
  if (outcome.status == JournalStatus::invalid || outcome.status == JournalStatus::damaged) return outcome;
  if (outcome) {
    opened();
    works();
  } else {
    failed(outcome);
  }
  readers_wanted_ = options_.readers;
  supply_readers();
  writer_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "journal-writer");
    write_loop();
  });
  for (unsigned i = 0; i < options_.readers; ++i)
    reader_threads_.emplace_back([this, i] {
      ::pthread_setname_np(::pthread_self(), "journal-reader");
      read_loop(i);
    });
  return outcome;
}

bool Journal::stop(std::uint32_t timeout_ms) {
  if (!writer_.joinable()) return true;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    readers_stop_ = true;
    stop_by_ms_ = base::monotonic_ms() + timeout_ms;
  }
  writer_wakes_.notify_all();
  reader_wakes_.notify_all();
  for (auto& thread : reader_threads_) thread.join();
  writer_.join();
  spare_readers_.clear();
  store_->close();
  return stored_all_;
}

// ---- appends

void Journal::append(std::vector<Record> records, bool awaited, Appended done) {
  Append append{std::move(records), std::move(done), 0, base::monotonic_ms(), awaited};
  for (const Record& record : append.records) append.bytes += record.bytes();
  JournalOutcome refusal;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refusal = ended;
    } else if (queued_bytes_ + append.bytes > options_.queue_bytes) {
      refusal = {JournalStatus::dropped, "too much waits to be stored"};
      if (!trouble_) refusal.why += ": " + trouble_.why;
    } else {
      queued_bytes_ += append.bytes;
      queued_records_ += append.records.size();
      const bool first = queue_.empty();
      queue_.push_back(std::move(append));
      if (first) writer_wakes_.notify_one();
      return;
    }
  }
  finish(append, refusal, {});
}

void Journal::finish(Append& append, const JournalOutcome& outcome, const std::vector<std::uint8_t>& seen) {
  if (!outcome) counters_.failed_appends.fetch_add(append.records.size(), std::memory_order_relaxed);
  append.done(outcome, seen);
}

void Journal::write_loop() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return stopping_ || readers_wanted_ > 0 || (open_ && !queue_.empty()); };
      const std::int64_t now = base::monotonic_ms();
      // While the store fails, the next attempt and the deadlines of those who wait set the pace.
      std::int64_t pause = open_ ? care_at_ms_ - now : std::min<std::int64_t>(retry_at_ms_ - now, 250);
      if (stopping_) pause = std::min(pause, stop_by_ms_ - now);
      if (pause > 0) {
        if (open_)
          writer_wakes_.wait_for(lock, std::chrono::milliseconds(pause), ready);
        else
          writer_wakes_.wait_for(lock, std::chrono::milliseconds(pause),
                                 [&, before = stopping_] { return stopping_ != before; });
      }
      if (stopping_ && (queue_.empty() || base::monotonic_ms() >= stop_by_ms_)) break;
    }
    if (ensure_open()) {
      commit_next();
      if (open_ && base::monotonic_ms() >= care_at_ms_) care();
    }
    expire();
    supply_readers();
  }
  fail_all(ended);
}

bool Journal::ensure_open() {
  if (open_) return true;
  if (base::monotonic_ms() < retry_at_ms_) return false;
  const JournalOutcome outcome = store_->open();
  if (outcome)
    opened();
  else
    failed(outcome);
  return open_;
}

void Journal::failed(const JournalOutcome& outcome) {
  const std::int64_t now = base::monotonic_ms();
  open_ = false;
  retry_ms_ = retry_ms_ ? std::min(retry_ms_ * 2, options_.longest_retry_ms) : options_.retry_ms;
  retry_at_ms_ = now + retry_ms_;
  std::size_t waiting;
  bool changed;
  {
    const std::lock_guard lock(mutex_);
    changed = trouble_.why != outcome.why;
    trouble_ = outcome;
    waiting = queued_records_;
  }
  if (!changed && now - logged_ms_ < 30000) return;
  logged_ms_ = now;
  base::log(base::LogLevel::error, "journal cannot store",
            {{"journal", options_.name}, {"why", outcome.why}, {"waiting", waiting}});
}

void Journal::opened() {
  open_ = true;
  care_at_ms_ = 0;
  std::vector<std::string> names;
  if (store_->streams(names)) streams_.insert(names.begin(), names.end());
}

// A full disk lets a store be opened and read, so only an append ends the trouble that an append has shown.
void Journal::works() {
  if (retry_ms_) base::log(base::LogLevel::info, "journal stores again", {{"journal", options_.name}});
  retry_ms_ = 0;
  const std::lock_guard lock(mutex_);
  trouble_ = {};
}

void Journal::commit_next() {
  std::vector<Append*> appends;
  {
    const std::lock_guard lock(mutex_);
    std::size_t records = 0, bytes = 0;
    for (Append& append : queue_) {
      if (!appends.empty() && (records + append.records.size() > commit_records || bytes + append.bytes > commit_bytes))
        break;
      appends.push_back(&append);
      records += append.records.size();
      bytes += append.bytes;
    }
  }
  if (!appends.empty()) commit(appends);
}

// Elements of a deque stay where they are while others are pushed behind them.
void Journal::commit(const std::vector<Append*>& appends) {
  std::vector<const Record*> records;
  for (const Append* append : appends)
    for (const Record& record : append->records) records.push_back(&record);
  std::vector<std::uint8_t> fresh(records.size());
  const std::int64_t began = base::monotonic_us();
  const JournalOutcome outcome = store_->append(records, fresh);
  counters_.commits.fetch_add(1, std::memory_order_relaxed);
  counters_.commit_us.fetch_add(static_cast<std::uint64_t>(base::monotonic_us() - began), std::memory_order_relaxed);

  if (outcome.status == JournalStatus::invalid) {
    // One of them can never be stored; the others are not to suffer for it.
    if (appends.size() > 1) {
      // The rest stays in the queue and is taken up again.
      return commit({appends.begin(), appends.begin() + static_cast<std::ptrdiff_t>(appends.size() / 2)});
    }
    base::log(base::LogLevel::error, "journal cannot store this", {{"journal", options_.name}, {"why", outcome.why}});
    finish(*appends.front(), outcome, {});
    return pop(1);
  }
  if (!outcome) {
    counters_.failed_commits.fetch_add(1, std::memory_order_relaxed);
    append_failed_ = true;
    return failed(outcome);
  }
  append_failed_ = false;
  if (retry_ms_) works();
  std::size_t at = 0;
  for (Append* append : appends) {
    std::vector<std::uint8_t> seen(append->records.size());
    for (std::size_t i = 0; i < seen.size(); ++i, ++at) {
      const Record& record = append->records[i];
      const bool first_time = recent_.insert(record.stream, record.id, record.author);
      seen[i] = !fresh[at] && !first_time;
      streams_.insert(record.stream);
      (fresh[at] ? counters_.appended : counters_.duplicates).fetch_add(1, std::memory_order_relaxed);
    }
    finish(*append, outcome, seen);
  }
  pop(appends.size());
}

void Journal::pop(std::size_t count) {
  std::vector<Append> gone;  // destroyed outside of the lock
  const std::lock_guard lock(mutex_);
  while (count--) {
    queued_bytes_ -= queue_.front().bytes;
    queued_records_ -= queue_.front().records.size();
    gone.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
}

void Journal::expire() {
  if (open_) return;
  std::vector<Append> expired;
  JournalOutcome outcome;
  {
    const std::lock_guard lock(mutex_);
    outcome = trouble_;
    const std::int64_t limit = base::monotonic_ms() - options_.append_timeout_ms;
    for (auto at = queue_.begin(); at != queue_.end() && at->since_ms <= limit;) {
      if (!at->awaited) {
        ++at;
        continue;
      }
      queued_bytes_ -= at->bytes;
      queued_records_ -= at->records.size();
      expired.push_back(std::move(*at));
      at = queue_.erase(at);
    }
  }
  for (Append& append : expired) finish(append, outcome, {});
}

void Journal::fail_all(const JournalOutcome& outcome) {
  std::deque<Append> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(queue_);
    queued_bytes_ = queued_records_ = 0;
  }
  stored_all_ = left.empty();
  for (Append& append : left) finish(append, outcome, {});
}

// Retention and measuring, in steps so small that appends hardly wait.
void Journal::care() {
  care_at_ms_ = base::monotonic_ms() + care_interval_ms;
  std::uint64_t removed_in_all = 0;
  if (options_.retention.any())
    for (const std::string& stream : streams_) {
      std::uint64_t removed = 0;
      const JournalOutcome outcome = store_->trim(stream, options_.retention, base::unix_ms(), trim_step, removed);
      if (!outcome) return failed(outcome);
      removed_in_all += removed;
      if (removed == trim_step) care_at_ms_ = 0;
    }
  counters_.trimmed.fetch_add(removed_in_all, std::memory_order_relaxed);
  std::uint64_t records = 0, bytes = 0;
  if (const JournalOutcome outcome = store_->measure(records, bytes); !outcome) return failed(outcome);
  counters_.records.store(records, std::memory_order_relaxed);
  counters_.bytes.store(bytes, std::memory_order_relaxed);
  if (retry_ms_ && !append_failed_) works();
}

// ---- what others may know

std::optional<std::string> Journal::trouble() const {
  const std::lock_guard lock(mutex_);
  if (trouble_) return std::nullopt;
  return trouble_.why;
}

JournalFigures Journal::figures() const {
  JournalFigures f;
  const auto get = [](const std::atomic<std::uint64_t>& n) { return n.load(std::memory_order_relaxed); };
  f.appended = get(counters_.appended);
  f.duplicates = get(counters_.duplicates);
  f.failed_commits = get(counters_.failed_commits);
  f.commits = get(counters_.commits);
  f.commit_us = get(counters_.commit_us);
  f.failed_appends = get(counters_.failed_appends);
  f.reads = get(counters_.reads);
  f.read_us = get(counters_.read_us);
  f.failed_reads = get(counters_.failed_reads);
  f.records = get(counters_.records);
  f.bytes = get(counters_.bytes);
  f.trimmed = get(counters_.trimmed);
  const std::lock_guard lock(mutex_);
  f.queue_records = queued_records_;
  f.queue_bytes = queued_bytes_;
  if (!queue_.empty()) f.lag_ms = static_cast<std::uint64_t>(base::monotonic_ms() - queue_.front().since_ms);
  f.up = static_cast<bool>(trouble_);
  return f;
}

}  // namespace dragoman::service
