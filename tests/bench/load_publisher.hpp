// SPDX-License-Identifier: Apache-2.0
// Puts events into the server under test: as WebSocket messages (the floor), through the publish door of the gateway,
// or by an MQTT broker. One burst is one write. Failures and answers other than 200 throw std::runtime_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "load_body.hpp"
#include "load_options.hpp"
#include "load_websocket.hpp"

namespace dragoman::bench {

class Publisher {
 public:
  virtual ~Publisher() = default;
  virtual int fd() const = 0;
  virtual void advance() = 0;
  // Ready for the next burst: connected, and the last burst was accepted.
  virtual bool ready() const = 0;
  virtual void publish(std::uint32_t first_sequence, std::uint32_t count) = 0;
};

std::unique_ptr<Publisher> make_publisher(const Options& options, const EventBody& body);

}  // namespace dragoman::bench
