// SPDX-License-Identifier: Apache-2.0
// A thread that is in calls which block, and its end within bounded time.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "common/wake.hpp"

namespace amqp {

// The socket that a thread is blocked by, to be cut by another.
class Cut {
 public:
  // The thread's, around the life of the descriptor.
  void hold(int descriptor);
  void release();
  // Any thread. Ends what is blocked, now and later.
  void cut();

 private:
  std::mutex mutex_;
  int descriptor_ = -1;
  bool cut_ = false;
};

class Thread {
 public:
  ~Thread() { stop(); }
  // Without signals, which are for the threads of the gateway. Throws std::system_error.
  void start(std::function<void()> run);
  // Asks it to end; cuts its socket if it does not soon.
  void ask();
  void stop();

  bool stopping() const { return stopping_; }
  buses::Wake& wake() { return wake_; }
  Cut& cut() { return cut_; }
  // Until then, or until the thread is to end: then false. Woken in between it calls each().
  bool rest(std::chrono::milliseconds time, const std::function<void()>& each = {});

 private:
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  buses::Wake wake_;
  Cut cut_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
};

}  // namespace amqp
