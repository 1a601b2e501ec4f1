// SPDX-License-Identifier: Apache-2.0
#include "base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace dragoman::base {
namespace {

// Keeps a thread of the pool busy until it is let go.
class Plug {
 public:
  explicit Plug(WorkerPool& pool) {
    EXPECT_TRUE(pool.post([this](bool) {
      begun_.set_value();
      go_.get_future().wait();
    }));
    begun_.get_future().wait();
  }
  void let_go() { go_.set_value(); }

 private:
  std::promise<void> begun_, go_;
};

TEST(WorkerPool, DoesEveryJobOnce) {
  std::atomic<int> done{0};
  {
    WorkerPool pool(1000);
    pool.start(3);
    for (int i = 0; i < 500; ++i) EXPECT_TRUE(pool.post([&](bool) { ++done; }));
  }
  EXPECT_EQ(done, 500);
}

TEST(WorkerPool, TakesOnlySoManyAndOnlyWhileItRuns) {
  WorkerPool pool(1);
  EXPECT_FALSE(pool.post([](bool) {}));
  pool.start(1);
  Plug plug(pool);
  EXPECT_TRUE(pool.post([](bool) {}));
  EXPECT_FALSE(pool.post([](bool) {}));
  plug.let_go();
  pool.stop();
  EXPECT_FALSE(pool.post([](bool) {}));
}

TEST(WorkerPool, JobsThatWaitAreToldThatItEnds) {
  WorkerPool pool(1'000'000);
  pool.start(1);
  Plug plug(pool);
  int taken = 0, told = 0;
  std::thread stopping([&] { pool.stop(); });
  while (pool.post([&](bool stopped) { told += stopped; })) ++taken;
  plug.let_go();
  stopping.join();
  EXPECT_EQ(told, taken);
}

}  // namespace
}  // namespace dragoman::base
