// SPDX-License-Identifier: Apache-2.0
// Decides, record by record from the oldest on, what one trim() removes.
#pragma once
#include <dragoman/ext/journal.h>

#include <cstdint>

namespace journals {

class TrimPlan {
 public:
  // The stream has the positions first to last, and so many bytes of bodies.
  TrimPlan(const dgm_journal_retention& retention, std::uint64_t first, std::uint64_t last, std::uint64_t bytes)
      : retention_(retention), begin_(first), first_(first), last_(last), bytes_(bytes) {}

  // The oldest record may have to go, which depends on its time.
  bool looks_further() const {
    return first_ <= last_ && removed() < retention_.most && (passed() || retention_.before_ms);
  }
  bool removes(std::int64_t time_ms) const {
    return passed() || (retention_.before_ms && time_ms < retention_.before_ms);
  }
  void remove(std::uint64_t body_bytes) {
    bytes_ -= body_bytes < bytes_ ? body_bytes : bytes_;
    ++first_;
  }
  std::uint64_t first() const { return first_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t removed() const { return first_ - begin_; }

 private:
  bool passed() const {
    return (retention_.records && last_ - first_ + 1 > retention_.records) ||
           (retention_.bytes && bytes_ > retention_.bytes);
  }
  const dgm_journal_retention& retention_;
  std::uint64_t begin_, first_, last_, bytes_;
};

}  // namespace journals
