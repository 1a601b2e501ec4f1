// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include <mosquitto.h>
#include <sys/random.h>

#include <climits>
#include <stdexcept>

namespace mqtt {

bool is_text(std::string_view text) {
  if (text.size() > INT_MAX || text.find('\0') != std::string_view::npos) return false;
  return text.empty() || mosquitto_validate_utf8(text.data(), static_cast<int>(text.size())) == MOSQ_ERR_SUCCESS;
}

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, 128)) out += c > 0x1f && c < 0x7f ? c : '?';
  return out + (text.size() > 128 ? "...\"" : "\"");
}

std::string random_id() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw std::runtime_error("no random numbers");
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace mqtt
