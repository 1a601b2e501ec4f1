// SPDX-License-Identifier: Apache-2.0
// Which calls into plugins are under way, in a file that outlives the process: what hangs or has crashed is named by
// whoever looks from outside.
#pragma once
#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "plugin/hook.hpp"

namespace dragoman::plugin {

// From now on; before any other thread is there. A file that is there is replaced. Throws std::runtime_error if the
// file cannot be written, or something else than a file has its name.
void keep_calls(const std::string& file);

struct OpenCall {
  std::string name;  // as hook_name(), or of a function
  std::chrono::milliseconds since;
};
// Of the process that keeps its calls there, or has kept them until its end; the longest first. None without such a
// file.
std::vector<OpenCall> open_calls(const std::string& file);

// A call on this thread, for as long as it lives. Costs one read unless calls are kept.
class CallMark {
 public:
  explicit CallMark(const char* name) {
    if (kept()) enter(name);
  }
  explicit CallMark(Hook hook) {
    if (kept()) enter(hook_name(hook));
  }
  ~CallMark() {
    if (slot_) leave();
  }
  CallMark(const CallMark&) = delete;
  CallMark& operator=(const CallMark&) = delete;

 private:
  struct Slot;
  friend void keep_calls(const std::string& file);
  friend std::vector<OpenCall> open_calls(const std::string& file);
  static bool kept() { return slots_; }
  void enter(const char* name);
  void leave();

  static inline Slot* slots_ = nullptr;
  Slot* slot_ = nullptr;
};

}  // namespace dragoman::plugin
