// SPDX-License-Identifier: Apache-2.0
// Where the threads of libnats leave what they have for the bus. It lives until the last of them has let go of it.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/wake.hpp"
#include "library.hpp"
#include "message.hpp"
#include "settings.hpp"

namespace nats {

struct News {
  std::vector<buses::Incoming> messages;
  std::vector<std::string> to_acknowledge;  // where to, for those of a stream
  std::uint64_t last = 0;                   // number of the last of a stream
  std::size_t dropped = 0;                  // messages that there was no room for
  std::size_t unreadable = 0;
  std::string unreadable_subject;
  std::vector<std::string> refusals;  // subscriptions and publications that are not allowed, as the server says it
  std::vector<Confirmation> confirmations;
  bool slow = false;       // the library itself has dropped some
  bool lame_duck = false;  // the server is about to end
  bool closed = false;
  std::string why_closed;
};

class Inlet : public std::enable_shared_from_this<Inlet> {
 public:
  Inlet(const Settings& settings, buses::Wake& wake);

  // The thread of the bus. At most so many messages.
  News take(std::size_t messages, std::size_t bytes);
  // Takes what the server has refused when it has said `last` so often; waits for it for a moment. Nothing: it has not
  // come.
  std::optional<std::vector<std::string>> refusals_through(const std::string& last, std::size_t times);
  // Nothing comes in any more.
  void shut();

  // Handlers in the options of a connection, which is then held on to until it is closed or let go of.
  void install(natsOptions* options);
  void hold();
  void let_go();

  enum class Kind { messages, stream, confirmations };
  // Throws Lost. subscribe(handler, closure) is to subscribe and to return the subscription.
  template <class Subscribe>
  SubscriptionPtr tap(Kind kind, bool wildcard_first, Subscribe&& subscribe) {
    auto closure = std::make_unique<Tap>(Tap{shared_from_this(), kind, wildcard_first});
    SubscriptionPtr made = subscribe(on_message, closure.get());
    // A subscription that has ended by now may be used by the library still: then this is never freed.
    natsSubscription_SetOnCompleteCB(made.get(), on_complete, closure.get());
    static_cast<void>(closure.release());
    return made;
  }

 private:
  struct Tap {
    std::shared_ptr<Inlet> inlet;
    Kind kind;
    bool wildcard_first;
  };
  void message(natsMsg* message, const Tap& tap);
  void ring();  // under mutex_

  static void on_message(natsConnection*, natsSubscription*, natsMsg*, void*);
  static void on_complete(void*);
  static void on_error(natsConnection*, natsSubscription*, natsStatus, void*);
  static void on_closed(natsConnection*, void*);
  static void on_lame_duck(natsConnection*, void*);

  const std::string channel_;
  const std::size_t most_messages_, most_bytes_;
  std::mutex mutex_;
  // Under mutex_.
  buses::Wake* wake_;  // null: shut
  bool rung_ = false;
  std::deque<Arrival> arrivals_;
  std::size_t bytes_ = 0;
  News rest_;
  std::shared_ptr<Inlet> self_;  // while the connection holds on to it
};

}  // namespace nats
