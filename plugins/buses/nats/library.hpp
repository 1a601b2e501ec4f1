// SPDX-License-Identifier: Apache-2.0
// libnats: its objects and its words. Any thread.
#pragma once
#include <nats/nats.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace nats {

// A connection is over, or there is none; what() is one sentence without its full stop.
struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Once for the process. The library stays open, with a few threads that sleep: when it closes after TLS was used, it
// frees what is OpenSSL's. Throws Lost.
void open_library();

struct Free {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
  // Of its callbacks those of the end come afterwards, on a thread of the library.
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(natsSubscription* subscription) const { natsSubscription_Destroy(subscription); }
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
  void operator()(jsCtx* context) const { jsCtx_Destroy(context); }
};
using OptionsPtr = std::unique_ptr<natsOptions, Free>;
using ConnectionPtr = std::unique_ptr<natsConnection, Free>;
using SubscriptionPtr = std::unique_ptr<natsSubscription, Free>;
using MessagePtr = std::unique_ptr<natsMsg, Free>;
using JetStreamPtr = std::unique_ptr<jsCtx, Free>;

// What the library, or the server through it, has said on this thread.
std::string explanation(natsStatus status);
// What a server has said, fit for the log.
std::string sentence(std::string_view text);

}  // namespace nats
