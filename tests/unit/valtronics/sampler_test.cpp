// SPDX-License-Identifier: Apache-2.0
// valtronics digest 4.2 and statements 28 and 30.
#include "sampler.hpp"
#include "common/json_string.hpp"

#include <gtest/gtest.h>

namespace valtronics {
namespace {

Filter filter(Values names, std::uint32_t interval_ms) {
  return {std::move(names), {}, {}, {}, interval_ms};
}

class ValtronicsSampler : public testing::Test {
 protected:
  void follow(std::vector<Subscription> subscriptions) {
    plan_ = std::make_unique<Plan>(std::move(subscriptions));
    sampler_.follow(*plan_);
  }
  // What goes out at once of {name: value, ...}.
  std::string report(std::int64_t now_ms, std::map<std::string, int> values, const char* device = "1") {
    MetricWriter writer("<");
    for (const auto& [name, value] : values) writer.add(dialects::quote(name), std::to_string(value));
    writer.finish(std::string(">").append(std::to_string(now_ms)));
    const MetricMessage message(writer.body(), writer.places());
    KeptEvent kept(message);
    const Verdict& verdict = plan_->judge(++sequence_, {device, "", "", "", &message});
    const Mask now = sampler_.take(verdict, device, kept, now_ms);
    std::string out;
    for (std::size_t i = 0; i < now.size(); ++i)
      if (now[i]) out.append(message.member(i)).append(" ");
    schedule_.update(sampler_);
    return out;
  }
  std::vector<std::string> due(std::int64_t now_ms) {
    std::vector<std::string> out;
    schedule_.run(now_ms, [&](std::uint64_t session, const std::string& text) {
      EXPECT_EQ(session, 9u);
      out.push_back(text);
    });
    return out;
  }

  Sampler sampler_{9};
  SamplerSchedule schedule_;

 private:
  std::unique_ptr<Plan> plan_;
  std::uint64_t sequence_ = 0;
};

using Texts = std::vector<std::string>;

TEST_F(ValtronicsSampler, FirstAtOnceThenTheLatestOfEachMetric) {
  follow({{{}, filter({}, 2000)}});
  EXPECT_EQ(report(0, {{"t", 1}}), R"("t":1 )");
  EXPECT_EQ(report(200, {{"t", 2}, {"h", 5}}), "");
  EXPECT_EQ(report(400, {{"t", 3}}), "");
  EXPECT_EQ(due(1999), Texts());
  EXPECT_EQ(schedule_.next(), 2000);
  EXPECT_EQ(due(2000), Texts{R"(<"h":5,"t":3>400)"});
  EXPECT_EQ(report(3000, {{"t", 4}}), "") << "the message at 2000 began an interval";
  EXPECT_EQ(due(4000), Texts{R"(<"t":4>3000)"});
  EXPECT_EQ(due(6000), Texts());
  EXPECT_EQ(schedule_.next(), std::nullopt);
  EXPECT_EQ(report(6500, {{"t", 5}}), R"("t":5 )");
}

TEST_F(ValtronicsSampler, DevicesAreApart) {
  follow({{{}, filter({}, 1000)}});
  EXPECT_EQ(report(0, {{"t", 1}}, "1"), R"("t":1 )");
  EXPECT_EQ(report(10, {{"t", 2}}, "2"), R"("t":2 )");
  EXPECT_EQ(report(20, {{"t", 3}}, "2"), "");
  EXPECT_EQ(due(1000), Texts());
  EXPECT_EQ(due(1010), Texts{R"(<"t":3>20)"});
}

TEST_F(ValtronicsSampler, WhatARealTimeSubscriptionSentIsNotSentAgain) {
  follow({{{}, filter({R"("t")"}, 0)}, {{"1"}, filter({}, 1000)}});
  EXPECT_EQ(report(0, {{"h", 1}, {"t", 1}}), R"("h":1 "t":1 )");
  EXPECT_EQ(report(100, {{"h", 2}, {"t", 2}}), R"("t":2 )");
  EXPECT_EQ(due(1000), Texts{R"(<"h":2>100)"});
}

TEST_F(ValtronicsSampler, OneMessageOfAValueForTwoIntervals) {
  follow({{{}, filter({}, 2000)}, {{"1"}, filter({}, 1000)}});
  EXPECT_EQ(report(0, {{"t", 1}}), R"("t":1 )");
  EXPECT_EQ(report(100, {{"t", 2}}), "");
  EXPECT_EQ(due(1000), Texts{R"(<"t":2>100)"});
  EXPECT_EQ(due(2000), Texts());
}

TEST_F(ValtronicsSampler, OtherSubscriptionsStayWhenOneChanges) {
  follow({{{"1"}, filter({}, 1000)}, {{"2"}, filter({}, 1000)}});
  report(0, {{"t", 1}}, "1");
  report(10, {{"t", 2}}, "1");
  report(0, {{"t", 3}}, "2");
  report(10, {{"t", 4}}, "2");
  follow({{{"1"}, filter({}, 1000)}, {{"2"}, filter({}, 5000)}});
  schedule_.update(sampler_);
  EXPECT_EQ(due(1000), Texts{R"(<"t":2>10)"});
  EXPECT_EQ(report(1100, {{"t", 5}}, "2"), R"("t":5 )");
}

TEST_F(ValtronicsSampler, MemoryIsBounded) {
  follow({{{}, filter({}, 1000)}});
  const auto device = [](std::size_t i) { return std::to_string(i); };
  for (std::size_t i = 0; i < Sampler::most_windows; ++i) ASSERT_NE(report(0, {{"t", 1}}, device(i).c_str()), "");
  EXPECT_EQ(report(1, {{"t", 2}}, "0"), "");
  EXPECT_EQ(report(1, {{"t", 2}}, "beyond"), R"("t":2 )");
  EXPECT_EQ(report(2, {{"t", 3}}, "beyond"), R"("t":3 )");
}

TEST_F(ValtronicsSampler, WhatIsRemovedIsNotDue) {
  follow({{{}, filter({}, 1000)}});
  report(0, {{"t", 1}});
  report(1, {{"t", 2}});
  schedule_.remove(sampler_);
  EXPECT_EQ(due(5000), Texts());
}

}  // namespace
}  // namespace valtronics
