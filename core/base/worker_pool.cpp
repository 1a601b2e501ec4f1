// SPDX-License-Identifier: Apache-2.0
#include "base/worker_pool.hpp"

namespace dragoman::base {

void WorkerPool::start(unsigned threads) {
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
  }
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

bool WorkerPool::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (!running_ || jobs_.size() >= most_) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return !running_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    const bool stopped = !running_;
    lock.unlock();
    job(stopped);
    lock.lock();
  }
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace dragoman::base
