// SPDX-License-Identifier: Apache-2.0
// What is published, and what subscribers get of it: each event has a sequence number that can be read back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "load_options.hpp"

namespace dragoman::bench {

class EventBody {
 public:
  virtual ~EventBody() = default;
  // As the gateway is given it.
  virtual std::string text(std::uint32_t sequence) const = 0;
  // As the floor is given it, which sends it on as it is.
  virtual std::string relayed(std::uint32_t sequence) const { return text(sequence); }
  // False when a subscriber should not get this.
  virtual bool read(std::string_view text, std::uint32_t& sequence) const = 0;
};

// Without groups a JSON object of a fixed size that everybody gets as it is. With groups what a device reports: of its
// metrics those who want the event get the one that is called like its group.
std::unique_ptr<EventBody> make_body(const Options& options);

}  // namespace dragoman::bench
