// SPDX-License-Identifier: Apache-2.0
#include "event/event.hpp"

#include <openssl/rand.h>

#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace dragoman::event {

std::size_t EventParts::text_bytes() const {
  std::size_t n = id.size() + channel.size() + key.size() + content_type.size() + body.size();
  for (const Attribute& attribute : attributes) n += attribute.name.size() + attribute.value.size();
  return n;
}

Event::Event(const EventParts& parts) : EventParts(parts) {
  const std::size_t size = attributes.size_bytes() + text_bytes();
  bytes_ = sizeof(Event) + size;
  memory_.reset(new std::byte[size]);
  char* to = reinterpret_cast<char*>(memory_.get()) + attributes.size_bytes();
  const auto own = [&to](std::string_view text) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return std::string_view(std::exchange(to, to + text.size()), text.size());
  };
  for (std::string_view* text : {&id, &channel, &key, &content_type, &body}) *text = own(*text);
  // A new byte array is aligned for every type (basic.stc.dynamic.allocation).
  Attribute* const copies = reinterpret_cast<Attribute*>(memory_.get());
  for (std::size_t i = 0; i < attributes.size(); ++i)
    new (copies + i) Attribute{own(attributes[i].name), own(attributes[i].value)};
  attributes = {copies, attributes.size()};
}

EventId make_event_id() {
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
  EventId id;
  for (std::size_t i = 0; i < id.digits_.size(); i += 2, ++used) {
    id.digits_[i] = digits[random[used] >> 4];
    id.digits_[i + 1] = digits[random[used] & 15];
  }
  return id;
}

}  // namespace dragoman::event
