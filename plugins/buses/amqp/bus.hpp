// SPDX-License-Identifier: Apache-2.0
// The bus: a thread for what comes, one for what is published, one that hands events to the gateway.
#pragma once
#include <dragoman/sdk/bus.hpp>
#include <memory>

#include "common/delivery.hpp"
#include "consumer.hpp"
#include "inbox.hpp"
#include "presence.hpp"
#include "publisher.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

namespace amqp {

class Bus {
 public:
  static constexpr const char* name = "amqp";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = amqp::settings_schema;

  explicit Bus(dragoman::sdk::BusHost host) : host_(host), presence_(host) {}
  ~Bus() { stop(); }
  void configure(const dragoman::sdk::Config& config);
  void start();
  void stop();
  void watch(std::span<const dgm_wish> added, std::span<const dgm_wish> removed) { consumer_->watch(added, removed); }
  dgm_status publish(std::span<const dgm_event> events, dragoman::sdk::BusDone done);

 private:
  void deliver();

  dragoman::sdk::BusHost host_;
  Settings settings_;
  Presence presence_;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Consumer> consumer_;
  Thread delivering_;
};

}  // namespace amqp
