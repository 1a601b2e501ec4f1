// SPDX-License-Identifier: Apache-2.0
// A connection to a server that has been made. One thread but for the Inlet.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "inlet.hpp"
#include "library.hpp"

namespace nats {

// For one attempt. Throws Lost.
OptionsPtr make_options(const Settings& settings, const buses::Endpoint& endpoint, Inlet& inlet);

class Connection {
 public:
  Connection(const Settings& settings, ConnectionPtr made, std::shared_ptr<Inlet> inlet);
  // What is under way is lost.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Inlet& inlet() { return *inlet_; }
  // Any thread: what waits for the server ends.
  void close() noexcept { natsConnection_Close(connection_.get()); }

  // All of these throw Lost.
  void subscribe(const std::string& filter);
  void unsubscribe(const std::string& filter);
  // Messages of the stream from behind `last` on, or new ones if it is 0; a durable consumer knows by itself.
  void consume(std::uint64_t last);
  void acknowledge(const std::string& reply);
  // False: this server cannot take the message at all. number: of the confirmation that comes with a stream.
  bool publish(const Outgoing& message, std::uint64_t number);
  // Whether the server has had all that was sent before.
  bool flush(std::chrono::milliseconds most);

  // What the server has said last, if it was a complaint.
  std::string complaint();
  // Messages that the library has dropped since the last call.
  std::size_t dropped();

 private:
  void check(natsStatus status);
  SubscriptionPtr tap(Inlet::Kind kind, bool wildcard_first, const std::string& subject);

  const Settings& settings_;
  const std::shared_ptr<Inlet> inlet_;
  const ConnectionPtr connection_;
  const bool headers_;
  const std::size_t max_payload_;
  std::string inbox_;  // with a dot behind it
  std::map<std::string, std::vector<SubscriptionPtr>> subscriptions_;
  std::vector<SubscriptionPtr> own_;
  std::size_t dropped_ = 0;
};

}  // namespace nats
