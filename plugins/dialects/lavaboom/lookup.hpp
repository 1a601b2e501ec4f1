// SPDX-License-Identifier: Apache-2.0
// Completes an event that came without name: the e-mail and its thread are asked for with the token of a subscribed
// session, once per shard (lavaboom digest section 6). What cannot be completed is dropped and logged.
#pragma once
#include <dragoman/sdk.hpp>
#include <memory>

#include "events.hpp"
#include "session.hpp"
#include "settings.hpp"

namespace lavaboom {

class Lookup {
 public:
  Lookup(sdk::Host host, const Settings& settings, const Subscribers& subscribers)
      : host_(host), settings_(settings), subscribers_(subscribers) {}
  void complete(UserEvent event);

 private:
  void ask(const std::shared_ptr<UserEvent>& event, const std::string& path,
           std::function<void(std::string_view body)> answered);
  void find_labels(const std::shared_ptr<UserEvent>& event);
  void deliver(const UserEvent& event);
  void drop(std::string_view why);

  sdk::Host host_;
  const Settings& settings_;
  const Subscribers& subscribers_;
};

}  // namespace lavaboom
