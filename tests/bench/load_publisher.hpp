// SPDX-License-Identifier: Apache-2.0
// Puts events into the server under test: as WebSocket messages (the floor) or through the publish door of the gateway.
// One burst is one write. Failures and answers other than 200 throw std::runtime_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "load_options.hpp"
#include "load_websocket.hpp"

namespace dragoman::bench {

// The body of events: a JSON object of a fixed size whose "data" begins with the sequence number in eight hexadecimal
// digits.
class EventBody {
 public:
  explicit EventBody(std::size_t bytes);
  std::string text(std::uint32_t sequence) const;
  // False when text is no body of this kind.
  bool read(std::string_view text, std::uint32_t& sequence) const;

 private:
  std::string prefix_;
  std::string suffix_;
};

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
