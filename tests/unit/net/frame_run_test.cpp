// SPDX-License-Identifier: Apache-2.0
#include "net/frame_run.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dragoman::net {
namespace {

using event::Frame;
using event::FrameKind;
using event::FramePtr;

struct FrameRunTest : testing::Test {
  FrameChunkPool pool;
  OutQueue queues[3];
  std::vector<FramePtr> frames;
  FrameRun run;

  FrameRunTest() {
    for (int i = 0; i < 100; ++i) {
      const std::string text = "frame " + std::to_string(i) + ";";
      frames.emplace_back(Frame::make(FrameKind::event, 1, 0, text.size(), 0));
      text.copy(frames.back()->payload(), text.size());
    }
  }
  ~FrameRunTest() override {
    for (OutQueue& queue : queues) queue.clear(pool);
  }
  void push(OutQueue& queue, std::size_t from, std::size_t to) {
    for (; from < to; ++from) queue.push(frames[from].get(), pool);
  }
};

TEST_F(FrameRunTest, TheSecondQueueWithTheSameFramesIsJoined) {
  std::string expected;
  for (int i = 0; i < 40; ++i) expected += frames[static_cast<std::size_t>(i)]->wire();
  for (OutQueue& queue : queues) push(queue, 0, 40);
  EXPECT_EQ(run.joined(queues[0]), "");
  EXPECT_EQ(run.joined(queues[1]), expected);
  EXPECT_EQ(run.joined(queues[2]), expected);
}

TEST_F(FrameRunTest, AnotherQueueStartsAnew) {
  push(queues[0], 0, 5);
  push(queues[1], 0, 6);
  push(queues[2], 1, 6);
  for (OutQueue& queue : queues) EXPECT_EQ(run.joined(queue), "");
  EXPECT_EQ(run.joined(queues[2]), "frame 1;frame 2;frame 3;frame 4;frame 5;");
  EXPECT_EQ(run.joined(queues[0]), "");
}

TEST_F(FrameRunTest, NotWhatIsPartlyWrittenFewOrTooMany) {
  for (OutQueue& queue : queues) push(queue, 0, 5);
  run.joined(queues[0]);
  queues[1].consume(1, pool);
  EXPECT_EQ(run.joined(queues[1]), "");
  queues[1].clear(pool);
  queues[2].clear(pool);
  push(queues[1], 0, 3);
  push(queues[2], 0, 65);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run.joined(queues[1]), "");
    EXPECT_EQ(run.joined(queues[2]), "");
  }
}

TEST_F(FrameRunTest, ForgottenFramesAreReleased) {
  push(queues[0], 0, 5);
  run.joined(queues[0]);
  run.joined(queues[0]);
  queues[0].clear(pool);
  run.forget();
  push(queues[1], 0, 5);
  EXPECT_EQ(run.joined(queues[1]), "");
}

}  // namespace
}  // namespace dragoman::net
