// SPDX-License-Identifier: Apache-2.0
#include "net/out_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dragoman::net {
namespace {

using event::Frame;
using event::FrameKind;
using event::FramePtr;

FramePtr frame(const std::string& text, FrameKind kind = FrameKind::event, std::uint64_t key = 0) {
  FramePtr f(Frame::make(kind, 1, 0, text.size(), key));
  text.copy(f->payload(), text.size());
  return f;
}

struct Queue {
  FrameChunkPool pool;
  OutQueue queue;
  ~Queue() { queue.clear(pool); }
  void push(const std::string& text, FrameKind kind = FrameKind::event, std::uint64_t key = 0) {
    queue.push(frame(text, kind, key).get(), pool);
  }
  // What would be written, piece by piece of at most `most` pieces, `step` bytes at a time.
  std::string drain(std::size_t step, std::size_t most = 4) {
    std::string out;
    std::vector<iovec> pieces(most);
    std::size_t total = 0;
    while (const std::size_t n = queue.gather(pieces.data(), most, total)) {
      std::string available;
      for (std::size_t i = 0; i < n; ++i) available.append(static_cast<char*>(pieces[i].iov_base), pieces[i].iov_len);
      const std::size_t taken = std::min(step, available.size());
      out += available.substr(0, taken);
      queue.consume(taken, pool);
    }
    return out;
  }
};

TEST(OutQueue, EveryPartialWriteGivesTheSameBytes) {
  std::string expected;
  for (int i = 0; i < 100; ++i)
    expected += "<" + std::string(static_cast<std::size_t>(i % 7), 'x') + std::to_string(i) + ">";
  for (const std::size_t step : {1u, 2u, 3u, 7u, 64u, 100000u}) {
    Queue q;
    for (int i = 0; i < 100; ++i)
      q.push("<" + std::string(static_cast<std::size_t>(i % 7), 'x') + std::to_string(i) + ">");
    EXPECT_EQ(q.queue.bytes(), expected.size());
    EXPECT_EQ(q.drain(step), expected);
    EXPECT_TRUE(q.queue.empty());
    EXPECT_EQ(q.queue.bytes(), 0u);
  }
}

TEST(OutQueue, ControlFramesDoNotCountAndAreNotDropped) {
  Queue q;
  q.push("ping", FrameKind::control);
  EXPECT_EQ(q.queue.bytes(), 0u);
  q.push("reply", FrameKind::reply);
  EXPECT_EQ(q.queue.bytes(), 5u);
  EXPECT_FALSE(q.queue.drop_oldest(q.pool));
  q.push("event");
  EXPECT_TRUE(q.queue.drop_oldest(q.pool));
  EXPECT_EQ(q.drain(100), "pingreply");
}

TEST(OutQueue, DroppingLeavesAFrameThatIsPartlyWritten) {
  Queue q;
  q.push("first");
  q.push("second");
  q.push("third");
  iovec pieces[4];
  std::size_t total = 0;
  q.queue.gather(pieces, 4, total);
  q.queue.consume(2, q.pool);
  EXPECT_TRUE(q.queue.drop_oldest(q.pool));
  EXPECT_EQ(q.drain(100), "rstthird");
}

TEST(OutQueue, DroppingAllAcrossChunks) {
  Queue q;
  for (int i = 0; i < 95; ++i) q.push("e" + std::to_string(i % 10), i % 5 ? FrameKind::event : FrameKind::reply);
  std::size_t dropped = 0;
  while (q.queue.drop_oldest(q.pool)) ++dropped;
  EXPECT_EQ(dropped, 76u);
  EXPECT_EQ(q.queue.bytes(), 19u * 2);
  EXPECT_EQ(q.drain(1000).size(), 19u * 2);
}

TEST(OutQueue, ReplacingKeepsPlaceAndCount) {
  Queue q;
  q.push("a1", FrameKind::event, 1);
  q.push("b1", FrameKind::event, 2);
  const FramePtr newer = frame("a-second", FrameKind::event, 1);
  EXPECT_TRUE(q.queue.replace(newer.get()));
  EXPECT_FALSE(q.queue.replace(frame("c", FrameKind::event, 3).get()));
  EXPECT_EQ(q.queue.bytes(), 10u);
  EXPECT_EQ(q.drain(100), "a-secondb1");
}

TEST(Frame, OneFrameServesManyQueues) {
  FrameChunkPool pool;
  std::vector<OutQueue> queues(50);
  const FramePtr shared = frame("shared");
  for (auto& q : queues) q.push(shared.get(), pool);
  iovec first, other;
  std::size_t total = 0;
  queues[0].gather(&first, 1, total);
  for (auto& q : queues) {
    q.gather(&other, 1, total);
    EXPECT_EQ(first.iov_base, other.iov_base) << "the same memory, not a copy";
  }
  for (auto& q : queues) q.clear(pool);
}

}  // namespace
}  // namespace dragoman::net
