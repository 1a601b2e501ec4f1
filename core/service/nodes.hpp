// SPDX-License-Identifier: Apache-2.0
// The other gateways on one bus (docs/scale.md): who is there, news for all of them, and questions that each answers.
// They speak in events of one channel: keys `dragoman.nodes.all` and `dragoman.nodes.ID`, bodies in JSON.
#pragma once
#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/timer_wheel.hpp"
#include "bus/bus.hpp"
#include "event/event.hpp"
#include "net/loop.hpp"

namespace dragoman::service {

class Nodes {
 public:
  struct Options {
    std::string name;     // of this node, for people
    std::string channel;  // of the bus
    std::uint32_t heartbeat_ms = 1000;
    std::uint32_t deadline_ms = 500;  // for the answers to a question
  };
  struct Answered {
    std::string node;  // its name
    boost::json::array entries;
  };
  // complete: every node that was there has answered, and the bus is there.
  using Gathered = std::function<void(std::vector<Answered>, bool complete)>;
  using Reply = std::function<void(boost::json::array entries)>;

  static constexpr std::size_t most_nodes = 256;
  static constexpr std::size_t most_questions = 10'000;     // that wait for answers
  static constexpr std::size_t most_answered = 64u << 20;   // bytes of the answers to one question
  static constexpr std::size_t most_waiting = 64u << 20;    // bytes of what was received and not read yet
  static constexpr std::size_t message_bytes = 128u << 10;  // an answer that is larger comes in several

  // The bus outlives stop().
  Nodes(Options options, bus::Bus& bus);
  ~Nodes();
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  // Before start(). What is given here is called on the thread of this object.
  // The reply comes at most once, on any thread.
  void answer(std::string topic, std::function<void(const boost::json::object& question, Reply)> with);
  // node: its id.
  void on_news(std::string topic, std::function<void(const std::string& node, const boost::json::object& news)> f);
  void on_joined(std::function<void(const std::string& node)> f) { joined_ = std::move(f); }
  void on_left(std::function<void(const std::string& node)> f) { left_ = std::move(f); }
  void every_beat(std::function<void()> f) { beat_ = std::move(f); }

  void start();
  // Says good-bye; questions that wait are answered by what is there. Before anything they lead to ends.
  void stop();

  // The rest: any thread.
  // The keys that this node listens to.
  std::vector<std::string> keys() const { return {all_key(), own_key()}; }
  const std::string& channel() const { return options_.channel; }
  const std::string& name() const { return options_.name; }
  // Whether an event is between nodes, and no client's business.
  bool concerns(const event::Event& event) const;
  void receive(event::EventPtr event);
  // done: exactly once, on the thread of this object or, after stop(), inside the call.
  void ask(std::string_view topic, boost::json::object question, Gathered done);
  // node: an id; empty: all.
  void tell(std::string_view topic, boost::json::object news, const std::string& node = {});
  // For timers of who is called here.
  net::Loop& loop() { return loop_; }
  // Others that are there now.
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  struct Node {
    std::string name;
    std::int64_t seen_ms;
  };
  struct Question;
  static std::string all_key();
  std::string own_key() const;
  void publish(const std::string& key, boost::json::object message, std::function<void()> done = {});
  void hello(bool news, const std::string& key);
  void beat();
  void read(const event::Event& event);
  void greeted(const std::string& id, const boost::json::object& message);
  void asked(const std::string& id, const boost::json::object& message);
  void answered(const std::string& id, const boost::json::object& message, std::size_t bytes);
  void forget(const std::string& id, const char* why);
  void finish(std::uint64_t number, bool complete);
  void expire_questions();

  const Options options_;
  bus::Bus& bus_;
  const std::string id_;  // of this run of this node
  net::Loop loop_;
  std::thread thread_;
  base::Timer beat_timer_, question_timer_;
  std::map<std::string, std::function<void(const boost::json::object&, Reply)>, std::less<>> answers_;
  std::map<std::string, std::function<void(const std::string&, const boost::json::object&)>, std::less<>> news_;
  std::function<void(const std::string&)> joined_, left_;
  std::function<void()> beat_;
  std::map<std::string, Node, std::less<>> nodes_;  // by id
  std::map<std::uint64_t, std::unique_ptr<Question>> questions_;
  std::uint64_t last_question_ = 0;
  std::atomic<std::size_t> count_{0}, waiting_bytes_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> running_{false};
};

}  // namespace dragoman::service
