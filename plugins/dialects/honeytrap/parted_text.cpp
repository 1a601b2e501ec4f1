// SPDX-License-Identifier: Apache-2.0
#include "parted_text.hpp"

#include <algorithm>

namespace honeytrap {

bool PartedText::flush(bool last) {
  std::size_t sent = 0;
  while (!waiting_ && !over_ && (text_.size() - sent >= part_bytes || last)) {
    std::size_t n = std::min(text_.size() - sent, part_bytes);
    // Between two characters: a byte 10xxxxxx goes on with one.
    while (n < text_.size() - sent && n > part_bytes - 4 &&
           (static_cast<unsigned char>(text_[sent + n]) & 0xc0) == 0x80)
      --n;
    const bool is_last = last && n == text_.size() - sent;
    const dgm_status status = send_(std::string_view(text_).substr(sent, n), !begun_, is_last);
    begun_ = true;
    sent += n;
    if (status < 0 || is_last) over_ = true;
    if (status == DGM_PRESSURE) waiting_ = true;
    if (status < 0) break;
    if (is_last) {
      text_.clear();
      return true;
    }
  }
  text_.erase(0, sent);
  return !waiting_ && !over_;
}

}  // namespace honeytrap
