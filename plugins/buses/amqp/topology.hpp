// SPDX-License-Identifier: Apache-2.0
// The bindings of the queue: what is wanted, what the broker has, and the steps from one to the other, of which many
// are under way at a time. The broker answers them in their order; it closes the channel for the sake of one that it
// refuses, and does not look at those behind it. One thread.
#pragma once
#include <dragoman/ext/bus.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "settings.hpp"

namespace amqp {

// A key, and the position in Exchange::match of a binding that has arguments.
struct Binding {
  std::string key;
  std::size_t match = 0;
  auto operator<=>(const Binding&) const = default;
};

struct Step {
  enum Kind { declare, bind, unbind } kind;
  std::string exchange;
  Binding binding;
};

class Topology {
 public:
  using Clock = std::chrono::steady_clock;
  // send: puts a step on its way; what it throws ends the connection. tell: a sentence for the log.
  using Send = std::function<void(const Step&)>;
  using Tell = std::function<void(const std::string&)>;
  Topology(const Settings& settings, Tell tell);

  // `by` 1: wanted from now on; -1: no longer.
  void want(const dgm_wish& wish, int by);
  // A new connection: there are no bindings, and nothing is known of the exchanges.
  void begin();
  // Sends what there is to do, up to a bound of what is under way.
  void advance(const Send& send, Clock::time_point now);
  // The broker has done the oldest step under way.
  void done();
  // The broker has closed the channel. The caller opens it again.
  void refused(std::uint16_t code, std::string_view why, Clock::time_point now);

  // All is done that can be: what is left belongs to exchanges that are not there.
  bool settled() const;
  // When an exchange that is not there is asked for again; max() if there is none.
  Clock::time_point retry() const;

 private:
  struct Place {
    enum State { unknown, asked, there, missing } state = unknown;
    std::map<Binding, int> wanted;  // how often
    std::set<Binding> bound;        // at the broker, or under way to it
    std::set<Binding> touched;      // wanted and bound may differ
    std::chrono::milliseconds delay{0};
    Clock::time_point retry{};
    std::string told;
    bool idle() const { return touched.empty() && wanted.empty() && bound.empty(); }
  };
  void change(std::string_view exchange, Binding binding, int by);
  bool send_step(const Send& send, Step step);
  bool advance_place(const std::string& name, Place& place, const Send& send, Clock::time_point now);
  void undo(const Step& step);
  void lose(const std::string& name, std::string_view why, Clock::time_point now);

  const Settings& settings_;
  const Tell tell_;
  std::map<std::string, Place, std::less<>> places_;
  std::set<std::string> due_;  // places with something to do
  std::deque<Step> under_way_;
  std::set<std::string> told_of_pattern_;
};

}  // namespace amqp
