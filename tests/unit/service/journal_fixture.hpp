// SPDX-License-Identifier: Apache-2.0
// A journal on a store that fails and mends when a test says so.
#pragma once
#include <gtest/gtest.h>

#include "fake_journal_store.hpp"

namespace dragoman::service {

inline const JournalOutcome gone_away{JournalStatus::unavailable, "the store is away"};

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    options.name = "test";
    options.retry_ms = 5;
    options.longest_retry_ms = 20;
    options.append_timeout_ms = 20000;
  }
  Journal& start() {
    journal = std::make_unique<Journal>(options, std::make_unique<FakeStore>(storage));
    started = journal->start();
    return *journal;
  }
  void break_store() {
    storage.set([](FakeStorage& s) {
      s.failing_appends = -1;
      s.append_answer = s.open_answer = gone_away;
    });
  }
  void mend_store() {
    storage.set([](FakeStorage& s) {
      s.failing_appends = 0;
      s.open_answer = {};
    });
  }

  FakeStorage storage;
  JournalOptions options;
  std::unique_ptr<Journal> journal;
  JournalOutcome started;
};

}  // namespace dragoman::service
