// SPDX-License-Identifier: Apache-2.0
// One event loop: the io_context, the timers and the scratch memory that everything on its thread shares.
#pragma once
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/timer_wheel.hpp"
#include "net/frame_run.hpp"
#include "net/out_queue.hpp"

namespace dragoman::net {

class Loop {
 public:
  using Executor = boost::asio::io_context::executor_type;

  Loop() : timers_(base::monotonic_ms()), ticker_(io_), work_(io_.get_executor()), read_buffer_(64 * 1024) {}

  boost::asio::io_context& io() { return io_; }
  base::TimerWheel& timers() { return timers_; }
  FrameChunkPool& chunks() { return chunks_; }
  FrameRun& frame_run() { return frame_run_; }
  // Input of the read in progress; valid until the next read on this loop.
  std::vector<char>& read_buffer() { return read_buffer_; }

  // Runs until stop() and until nothing is left to do.
  void run();
  // Lets run() return although sockets and timers are still waiting. Any thread.
  void stop() {
    boost::asio::post(io_, [this] { io_.stop(); });
  }
  // After run() has returned: handlers that are ready still run, on this thread.
  void finish() {
    io_.restart();
    io_.poll();
  }
  // Any thread.
  template <class F>
  void post(F&& f) {
    boost::asio::post(io_, std::forward<F>(f));
  }
  bool on_thread() const { return thread_ == std::this_thread::get_id(); }
  // Before run() the thread that sets things up counts as the loop's.
  void adopt_thread() { thread_ = std::this_thread::get_id(); }

  // Monotonic, read once per arm: precise enough for deadlines.
  void arm(base::Timer& timer, std::int64_t delay_ms);

 private:
  void tick();

  boost::asio::io_context io_{1};
  base::TimerWheel timers_;
  FrameChunkPool chunks_;
  FrameRun frame_run_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      ticker_;
  boost::asio::executor_work_guard<Executor> work_;
  std::vector<char> read_buffer_;
  std::atomic<std::thread::id> thread_{};
  bool ticking_ = false;
};

}  // namespace dragoman::net
