// SPDX-License-Identifier: Apache-2.0
// permessage-deflate without context takeover (RFC 7692): every message stands alone, so one zlib state serves all
// connections of a thread and a compressed frame serves all receivers. One thread.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace dragoman::codec {

class Deflater {
 public:
  Deflater();
  ~Deflater();
  // Appends the message as RFC 7692 7.2.1 wants it: without the last four bytes of the flush.
  void compress(std::string_view message, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class InflateStatus { ok, bad_data, too_large };

class Inflater {
 public:
  Inflater();
  ~Inflater();
  // Appends what a compressed message holds, at most `limit` bytes. After a failure `out` holds nothing of use.
  InflateStatus inflate(std::string_view message, std::string& out, std::size_t limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::codec
