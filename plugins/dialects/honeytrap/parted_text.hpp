// SPDX-License-Identifier: Apache-2.0
// A long answer on its way out: text goes in at one end and leaves in parts, as fast as the client takes them.
#pragma once
#include <dragoman/plugin.h>

#include <functional>
#include <string>
#include <string_view>

namespace honeytrap {

class PartedText {
 public:
  // Answers as send_part() of the host does.
  using Send = std::function<dgm_status(std::string_view part, bool first, bool last)>;
  explicit PartedText(Send send) : send_(std::move(send)) {}

  // Append here.
  std::string& text() { return text_; }
  // Sends what fills whole parts; everything when `last`. False: wait for writable(), or the client is gone.
  bool flush(bool last);
  void writable() { waiting_ = false; }
  // A part has been sent.
  bool begun() const { return begun_; }

 private:
  static constexpr std::size_t part_bytes = 32 << 10;
  Send send_;
  std::string text_;
  bool begun_ = false, waiting_ = false, over_ = false;
};

}  // namespace honeytrap
