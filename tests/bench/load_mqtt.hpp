// SPDX-License-Identifier: Apache-2.0
// Publishes telemetry to an MQTT 3.1.1 broker with QoS 1, as much of the protocol as that needs.
#pragma once

#include <cstdint>
#include <string>

#include "load_publisher.hpp"
#include "load_socket.hpp"

namespace dragoman::bench {

class MqttPublisher final : public Publisher {
 public:
  MqttPublisher(const Options& options, const EventBody& body);

  int fd() const override { return stream_.fd(); }
  bool ready() const override { return connected_ && unconfirmed_ == 0; }
  void advance() override;
  void publish(std::uint32_t first_sequence, std::uint32_t count) override;

 private:
  Stream stream_;
  const EventBody& body_;
  const std::uint32_t devices_;
  std::string input_;
  bool connected_ = false;
  std::uint32_t unconfirmed_ = 0;
};

}  // namespace dragoman::bench
