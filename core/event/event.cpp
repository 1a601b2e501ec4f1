// SPDX-License-Identifier: Apache-2.0
#include "event/event.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace dragoman::event {

std::string make_event_id() {
  std::array<unsigned char, 16> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    throw std::runtime_error("the system has no random numbers for an event id");
  static constexpr char digits[] = "0123456789abcdef";
  std::string id;
  id.reserve(random.size() * 2);
  for (const unsigned char byte : random) {
    id += digits[byte >> 4];
    id += digits[byte & 15];
  }
  return id;
}

}  // namespace dragoman::event
