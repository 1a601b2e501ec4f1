// SPDX-License-Identifier: Apache-2.0
// The bus: a thread that keeps a connection to a server and carries events over it.
#pragma once
#include <atomic>
#include <chrono>
#include <dragoman/sdk/bus.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "common/delivery.hpp"
#include "common/filter_set.hpp"
#include "common/outbox.hpp"
#include "common/own_channel.hpp"
#include "common/wake.hpp"
#include "connection.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

namespace nats {

class Bus {
 public:
  static constexpr const char* name = "nats";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = nats::settings_schema;

  explicit Bus(dragoman::sdk::BusHost host) : host_(host) {}
  ~Bus();
  void configure(const dragoman::sdk::Config& config);
  void start();
  void stop();
  void watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed);
  dgm_status publish(std::span<const dgm_event> events, dragoman::sdk::BusDone done);

 private:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;
  struct Sent {
    std::uint64_t number;
    std::string subject;
  };

  // The thread's.
  void run();
  // From the first byte to the end of the connection; throws Lost.
  void serve(std::size_t endpoint);
  // Nothing: the bus stops. Throws Lost.
  ConnectionPtr connect(std::size_t endpoint, const std::shared_ptr<Inlet>& inlet);
  void converse(Connection& connection);
  void restore(Connection& connection);
  void send_changes(Connection& connection);
  // Whether something has come.
  bool receive(Connection& connection);
  void tell(Connection& connection, const News& news);
  void tell_refusals(const std::vector<std::string>& refusals);
  void lost_in(std::size_t messages, std::string_view why);
  void send_postings(Connection& connection);
  void confirm(Connection& connection, const std::vector<Sent>& sent);
  void confirmed(const std::vector<Confirmation>& confirmations);
  void give_up();
  // Waits for all that was sent; false: the bus stops.
  bool flush(Connection& connection);
  // Until then, or until the bus stops: then false.
  bool rest(Milliseconds time);

  dragoman::sdk::BusHost host_;
  buses::OwnChannel own_channel_;
  Settings settings_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  buses::Wake wake_;

  std::mutex mutex_;
  std::unique_ptr<buses::FilterSet> filters_;  // under mutex_
  Connection* current_ = nullptr;              // under mutex_
  std::unique_ptr<buses::Outbox> outbox_;
  std::unique_ptr<buses::Delivery> delivery_;

  // The thread's.
  bool up_ = false, leaving_ = false, slow_ = false;
  Clock::time_point up_since_;
  std::vector<std::weak_ptr<const void>> attempts_;         // of the endpoints, the last one
  std::uint64_t number_ = 0;                                // of what was published last
  std::map<std::uint64_t, Clock::time_point> unconfirmed_;  // by a stream; sent when
  std::uint64_t last_ = 0;                                  // of the stream, that the gateway has taken
  std::set<std::string> refused_;                           // told of
};

}  // namespace nats
