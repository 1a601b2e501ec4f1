// SPDX-License-Identifier: Apache-2.0
#include "event/event.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace dragoman::event {

std::string make_event_id() {
  constexpr std::size_t id_bytes = 16;
  // Asking OpenSSL for many at once: a call costs as much as parsing a small event.
  thread_local std::array<unsigned char, 64 * id_bytes> random{};
  thread_local std::size_t used = random.size();
  if (used == random.size()) {
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
      throw std::runtime_error("the system has no random numbers for an event id");
    used = 0;
  }
  static constexpr char digits[] = "0123456789abcdef";
  std::string id(id_bytes * 2, '\0');
  for (std::size_t i = 0; i < id.size(); i += 2, ++used) {
    id[i] = digits[random[used] >> 4];
    id[i + 1] = digits[random[used] & 15];
  }
  return id;
}

}  // namespace dragoman::event
