// SPDX-License-Identifier: Apache-2.0
// A few threads for work that would keep an event loop from its sockets, with a bounded queue.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dragoman::base {

class WorkerPool {
 public:
  // stopped: the pool ends, so that the work is not worth its while.
  using Job = std::function<void(bool stopped)>;

  // most: jobs that may wait.
  explicit WorkerPool(std::size_t most) : most_(most) {}
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Once.
  void start(unsigned threads);
  // The job is called exactly once, on one of the threads. False: too many wait, or the pool does not run; then it is
  // not called. Any thread.
  bool post(Job job);
  // Waits for the threads; jobs that wait are told. Not from a job.
  void stop();

 private:
  void run();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool running_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace dragoman::base
