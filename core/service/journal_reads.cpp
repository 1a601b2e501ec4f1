// SPDX-License-Identifier: Apache-2.0
// The reading half of a journal.
#include "base/clock.hpp"
#include "service/journal.hpp"

namespace dragoman::service {
namespace {
constexpr std::size_t most_jobs = 10000;
}  // namespace

void Journal::supply_readers() {
  if (!open_) return;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (readers_wanted_ == 0 || stopping_) return;
    }
    std::unique_ptr<RecordReader> reader;
    if (const JournalOutcome outcome = store_->open_reader(reader); !outcome) return failed(outcome);
    const std::lock_guard lock(mutex_);
    --readers_wanted_;
    spare_readers_.push_back(std::move(reader));
    reader_wakes_.notify_one();
  }
}

void Journal::read_loop(unsigned) {
  std::unique_ptr<RecordReader> reader;
  Job job;
  bool again = false;  // the job failed with a reader that may have lost its store, which may be back
  for (;;) {
    JournalOutcome trouble;
    {
      std::unique_lock lock(mutex_);
      reader_wakes_.wait(lock, [&] { return readers_stop_ || again || !jobs_.empty(); });
      if (!again && jobs_.empty()) return;
      if (!reader && !spare_readers_.empty()) {
        reader = std::move(spare_readers_.back());
        spare_readers_.pop_back();
      }
      trouble = readers_stop_ ? ended : trouble_;
      // A new reader is on its way: the writer brings it or finds out why it cannot.
      if (!reader && trouble) {
        reader_wakes_.wait_for(lock, std::chrono::milliseconds(20));
        continue;
      }
      if (!again) {
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
    }
    const std::int64_t began = base::monotonic_us();
    RecordReader* const asked = trouble.status == JournalStatus::canceled ? nullptr : reader.get();
    const JournalOutcome outcome = job(asked, trouble, again);
    counters_.read_us.fetch_add(static_cast<std::uint64_t>(base::monotonic_us() - began), std::memory_order_relaxed);
    again = !again && asked && outcome.status == JournalStatus::unavailable;
    if (!again) {
      job = nullptr;
      counters_.reads.fetch_add(1, std::memory_order_relaxed);
      if (!outcome) counters_.failed_reads.fetch_add(1, std::memory_order_relaxed);
    }
    if (outcome || !reader || outcome.status == JournalStatus::invalid) continue;
    // Those nobody has taken yet may be as old as it.
    std::vector<std::unique_ptr<RecordReader>> gone;
    gone.push_back(std::move(reader));
    const std::lock_guard lock(mutex_);
    for (auto& spare : spare_readers_) gone.push_back(std::move(spare));
    spare_readers_.clear();
    readers_wanted_ += static_cast<unsigned>(gone.size());
    writer_wakes_.notify_one();
  }
}

void Journal::queue_read(Job job) {
  JournalOutcome refusal;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_)
      refusal = ended;
    else if (jobs_.size() >= most_jobs)
      refusal = {JournalStatus::dropped, "too many reads wait"};
    else {
      jobs_.push_back(std::move(job));
      reader_wakes_.notify_one();
      return;
    }
  }
  job(nullptr, refusal, true);
}

template <class Answer, class Ask, class Done>
void Journal::queue_question(Ask ask, Done done) {
  queue_read(
      [ask = std::move(ask), done = std::move(done)](RecordReader* reader, const JournalOutcome& trouble, bool last) {
        Answer answer{};
        JournalOutcome outcome = reader ? ask(*reader, answer) : trouble;
        if (reader && !last && outcome.status == JournalStatus::unavailable) return outcome;
        done(outcome, outcome ? std::move(answer) : Answer{});
        return outcome;
      });
}

void Journal::read(RecordQuery query, Read done) {
  queue_question<std::vector<Record>>(
      [query = std::move(query)](RecordReader& reader, auto& out) { return reader.read(query, out); }, std::move(done));
}

void Journal::count(RecordQuery query, Counted done) {
  queue_question<std::uint64_t>(
      [query = std::move(query)](RecordReader& reader, auto& out) { return reader.count(query, out); },
      std::move(done));
}

void Journal::values(std::string stream, std::string attribute, std::uint64_t most, Listed done) {
  queue_question<std::vector<std::string>>(
      [stream = std::move(stream), attribute = std::move(attribute), most](RecordReader& reader, auto& out) {
        return reader.values(stream, attribute, most, out);
      },
      std::move(done));
}

}  // namespace dragoman::service
