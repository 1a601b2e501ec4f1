// SPDX-License-Identifier: Apache-2.0
// The host's side of dgm_writer: memory that a plugin appends to, reused from call to call, never beyond a limit. One
// thread.
#pragma once
#include <dragoman/plugin.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace dragoman::plugin {

class Writer : private dgm_writer {
 public:
  // limit: bytes that grow() allows at most.
  explicit Writer(std::size_t limit);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Empties it for the next call. What was written before is gone.
  dgm_writer* begin();
  // False if the plugin left it in a state that this host did not make; then nothing of it may be read.
  bool intact() const;
  // What was written. Valid until begin().
  std::string_view text() const { return {memory_.get(), dgm_writer::len}; }
  int32_t written_opcode() const { return dgm_writer::opcode; }
  bool written_keep() const { return dgm_writer::flags & DGM_WRITE_KEEP; }

 private:
  static dgm_status grow_to(dgm_writer* raw, std::size_t want) noexcept;

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t limit_;
};

}  // namespace dragoman::plugin
