// SPDX-License-Identifier: Apache-2.0
#include "topology.hpp"

#include <gmock/gmock.h>

#include <dragoman/sdk/host.hpp>

namespace amqp {
namespace {

using dragoman::sdk::raw;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct TopologyTest : testing::Test {
  Settings settings;
  std::vector<std::string> told, sent;
  Topology topology{settings, [this](const std::string& sentence) { told.push_back(sentence); }};
  Topology::Clock::time_point now{};

  void want(const char* exchange, const char* key, int by = 1, bool literal = false) {
    topology.want({raw(exchange), raw(key), literal ? 1u : 0u, 0}, by);
  }
  // What goes out now: d exchange, + exchange key, - exchange key.
  std::vector<std::string> advance() {
    sent.clear();
    topology.advance(
        [this](const Step& step) {
          const char* const kind = step.kind == Step::declare ? "d " : step.kind == Step::bind ? "+ " : "- ";
          std::string& out = sent.emplace_back(kind).append(step.exchange);
          if (step.kind != Step::declare) out.append(" ").append(step.binding.key);
          if (step.binding.match) out.append("#").append(std::to_string(step.binding.match));
        },
        now);
    return sent;
  }
  // All that follows, as a broker that agrees with everything.
  std::vector<std::string> all() {
    std::vector<std::string> out;
    while (!advance().empty()) {
      for (std::size_t i = 0; i < sent.size(); ++i) topology.done();
      out.insert(out.end(), sent.begin(), sent.end());
    }
    return out;
  }
};

TEST_F(TopologyTest, FirstTheExchangeThenItsBindings) {
  want("a", "x.*");
  want("a", "y");
  topology.begin();
  EXPECT_THAT(advance(), ElementsAre("d a"));
  EXPECT_FALSE(topology.settled());
  topology.done();
  EXPECT_THAT(advance(), ElementsAre("+ a x.*", "+ a y"));
  EXPECT_FALSE(topology.settled());
  topology.done();
  topology.done();
  EXPECT_TRUE(topology.settled());
  EXPECT_THAT(advance(), IsEmpty());
}

TEST_F(TopologyTest, ChangesAddBeforeTheyRemove) {
  want("a", "z");
  topology.begin();
  all();
  want("a", "z", -1);
  want("a", "#");
  want("a", "never");
  want("a", "never", -1);
  EXPECT_THAT(advance(), ElementsAre("+ a #", "- a z"));
}

TEST_F(TopologyTest, WhatTypesOfExchangesCanSay) {
  settings.exchanges["fan"].type = ExchangeType::fanout;
  settings.exchanges["one"].type = ExchangeType::direct;
  settings.exchanges["heads"].type = ExchangeType::headers;
  settings.exchanges["heads"].match.resize(2);
  want("fan", "a");
  want("fan", "b");
  want("one", "a.*");
  want("one", "a.*", 1, true);
  want("one", "b");
  want("heads", "#");
  want("", "queue");
  want(std::string(256, 'e').c_str(), "x");
  want("t", std::string(256, 'k').c_str());
  topology.begin();
  EXPECT_THAT(all(), testing::UnorderedElementsAre("d fan", "d one", "d heads", "+ fan ", "+ one a.*", "+ one b",
                                                   "+ heads ", "+ heads #1"));
  EXPECT_THAT(told, ElementsAre(HasSubstr("\"one\"")));
  want("fan", "a", -1);
  EXPECT_THAT(advance(), IsEmpty());
  want("fan", "b", -1);
  EXPECT_THAT(advance(), ElementsAre("- fan "));
}

TEST_F(TopologyTest, AMissingExchangeIsAskedForAgain) {
  want("gone", "x");
  want("here", "x");
  topology.begin();
  EXPECT_THAT(advance(), ElementsAre("d gone", "d here"));
  topology.refused(404, "NOT_FOUND", now);
  EXPECT_THAT(told, ElementsAre(HasSubstr("NOT_FOUND")));
  EXPECT_THAT(all(), ElementsAre("d here", "+ here x"));
  EXPECT_TRUE(topology.settled());
  const auto first = topology.retry() - now;
  now = topology.retry();
  EXPECT_THAT(advance(), ElementsAre("d gone"));
  topology.refused(404, "NOT_FOUND", now);
  EXPECT_EQ(topology.retry() - now, 2 * first);
  EXPECT_THAT(told, SizeIs(1));
  now = topology.retry();
  EXPECT_THAT(all(), ElementsAre("d gone", "+ gone x"));
  EXPECT_THAT(told, SizeIs(2));
  EXPECT_EQ(topology.retry(), Topology::Clock::time_point::max());
}

TEST_F(TopologyTest, ARefusedBindingIsLeftOutAndTheRestGoesOn) {
  for (const char* key : {"1", "2", "3", "4"}) want("a", key);
  topology.begin();
  advance();
  topology.done();
  EXPECT_THAT(advance(), SizeIs(4));
  topology.done();
  topology.refused(403, "ACCESS_REFUSED", now);
  EXPECT_THAT(told, ElementsAre(HasSubstr("ACCESS_REFUSED")));
  EXPECT_THAT(all(), ElementsAre("+ a 3", "+ a 4"));
  EXPECT_TRUE(topology.settled());
  topology.begin();
  EXPECT_THAT(all(), ElementsAre("d a", "+ a 1", "+ a 2", "+ a 3", "+ a 4"));
}

TEST_F(TopologyTest, WhatWasBehindARefusalIsDoneAgain) {
  want("a", "old");
  topology.begin();
  all();
  want("gone", "x");
  want("a", "old", -1);
  want("b", "y");
  // The unbinding is behind what is refused, and its exchange forgotten by then.
  EXPECT_THAT(advance(), testing::UnorderedElementsAre("- a old", "d b", "d gone"));
  const auto at = std::find(sent.begin(), sent.end(), "d gone") - sent.begin();
  for (std::ptrdiff_t i = 0; i < at; ++i) topology.done();
  topology.refused(404, "NOT_FOUND", now);
  all();
  EXPECT_TRUE(topology.settled());
  want("a", "old");
  EXPECT_THAT(all(), testing::Contains("+ a old"));
}

TEST_F(TopologyTest, AnExchangeThatGoesWhileItIsBound) {
  for (const char* key : {"1", "2"}) want("a", key);
  topology.begin();
  all();
  want("a", "3");
  advance();
  topology.refused(404, "NOT_FOUND", now);
  EXPECT_TRUE(topology.settled());
  now = topology.retry();
  EXPECT_THAT(all(), ElementsAre("d a", "+ a 1", "+ a 2", "+ a 3"));
}

TEST_F(TopologyTest, FewAreUnderWayAtATime) {
  for (int i = 0; i < 2000; ++i) want("a", std::to_string(i).c_str());
  topology.begin();
  advance();
  topology.done();
  const std::size_t most = advance().size();
  EXPECT_LE(most, 500u);
  topology.done();
  EXPECT_THAT(advance(), SizeIs(1));
  for (std::size_t i = 0; i < most; ++i) topology.done();
  EXPECT_EQ(all().size(), 2000 - most - 1);
}

TEST_F(TopologyTest, AnswersThatNobodyWaitsFor) {
  topology.begin();
  topology.done();
  topology.refused(404, "NOT_FOUND", now);
  EXPECT_THAT(told, IsEmpty());
  EXPECT_TRUE(topology.settled());
}

}  // namespace
}  // namespace amqp
