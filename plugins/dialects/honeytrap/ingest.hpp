// SPDX-License-Identifier: Apache-2.0
// How honeypots deliver: the HTTP pusher of 2017 and the raven pusher (honeytrap digest section 6). What comes in is
// published to the mount's bus and answered when it is stored.
#pragma once
#include <dragoman/sdk.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "classifier.hpp"
#include "settings.hpp"

namespace honeytrap {

namespace sdk = dragoman::sdk;

// 128 random bits: publishing again under the same id stores nothing twice.
std::string make_id();

// POST /v1/action.
void take_action(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings,
                 const Classifier& classifier);
// POST /v1/ping: there is nothing to keep.
void take_ping(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings);

// A WebSocket on which each message is an event. It cannot be told of a failure, so what could not be stored is tried
// again, and no more is read while too much waits.
class RavenClient {
 public:
  void open(sdk::Client client, const sdk::Open& open, const Settings& settings, const Classifier& classifier);
  void message(sdk::Client client, std::string_view text);

 private:
  const Settings* settings_ = nullptr;
  const Classifier* classifier_ = nullptr;
  // Events not stored yet. Outlives the session: they are tried again when it is gone.
  std::shared_ptr<unsigned> waiting_ = std::make_shared<unsigned>(0);
  bool admitted_ = false;
};

}  // namespace honeytrap
