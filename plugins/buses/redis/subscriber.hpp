// SPDX-License-Identifier: Apache-2.0
// Events from channels. A server sends a message once for each subscription that fits; of these one counts.
#pragma once
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "interests.hpp"
#include "source.hpp"

namespace redis {

class Subscriber : public Source {
 public:
  Subscriber(dragoman::sdk::BusHost host, const Settings& settings)
      : host_(host), settings_(settings), interests_(settings.prefix, settings.patterns) {}

  void want(std::string_view key, bool literal, bool wanted) override;
  void away() override;
  void begin() override;
  void tend(Connection& connection, bool room) override;
  void take(std::unique_ptr<Reply> reply, Batch& into) override;
  void too_large(const Reply* part, Batch& into) override;
  bool ready() const override { return ready_; }
  bool waiting() const override { return !asked_.empty(); }

 private:
  enum class Verb { subscribe, psubscribe, unsubscribe, punsubscribe, ping };
  // A command of which the server confirms each name by itself, or refuses all.
  struct Command {
    Verb verb;
    std::vector<std::string> names;
    std::size_t confirmed = 0;
  };
  void send(Connection& connection, Verb verb, const std::vector<std::string>& names);
  void confirm(const Reply& reply);
  void refused(const Reply& error);
  // Of the subscriptions that fit a channel, whether this is the one that counts. pattern: null for the channel's own.
  bool counts(const std::string& channel, const std::string* pattern) const;

  const dragoman::sdk::BusHost host_;
  const Settings& settings_;
  std::mutex mutex_;
  Interests interests_;  // under mutex_

  // Of the present connection.
  bool begun_ = false, ready_ = false;
  std::deque<Command> asked_;
  std::vector<Command> again_;                 // to be asked name by name
  std::set<std::string> channels_, patterns_;  // what the server has at this point of what it says
  std::size_t refused_ = 0;
  std::string refusal_;  // the first
};

}  // namespace redis
