// SPDX-License-Identifier: Apache-2.0
#include "plugin/call_board.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "base/clock.hpp"

namespace dragoman::plugin {
namespace {

constexpr std::size_t slot_count = 256;  // threads; those beyond are not seen

}  // namespace

struct CallMark::Slot {
  std::int64_t since_ms;  // 0: no call
  char name[40];
};

void keep_calls(const std::string& file) {
  constexpr std::size_t bytes = slot_count * sizeof(CallMark::Slot);
  // A new one with all its blocks: where another process makes a mapped file shorter, or the disk is full, a write to
  // the memory ends this one.
  struct stat there {};
  if (::lstat(file.c_str(), &there) == 0 && S_ISREG(there.st_mode)) ::unlink(file.c_str());
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  int error = fd < 0 ? errno : ::posix_fallocate(fd, 0, bytes);
  void* const memory = error ? MAP_FAILED : ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (!error && memory == MAP_FAILED) error = errno;
  if (fd >= 0) ::close(fd);
  if (error) throw std::runtime_error(fmt::format("cannot write {}: {}", file, std::strerror(error)));
  CallMark::slots_ = static_cast<CallMark::Slot*>(memory);
}

std::vector<OpenCall> open_calls(const std::string& file) {
  std::vector<OpenCall> out;
  std::ifstream in(file, std::ios::binary);
  const std::int64_t now = base::monotonic_ms();
  for (CallMark::Slot slot; in.read(reinterpret_cast<char*>(&slot), sizeof slot);) {
    slot.name[sizeof slot.name - 1] = 0;
    if (slot.since_ms) out.push_back({slot.name, std::chrono::milliseconds(now - slot.since_ms)});
  }
  std::sort(out.begin(), out.end(), [](const OpenCall& a, const OpenCall& b) { return a.since > b.since; });
  return out;
}

void CallMark::enter(const char* name) {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t mine = threads.fetch_add(1);
  // A call inside a call is a breach that is told of elsewhere: the outer one stands.
  if (mine >= slot_count || slots_[mine].since_ms) return;
  slot_ = &slots_[mine];
  std::strncpy(slot_->name, name, sizeof slot_->name - 1);
  // Whoever reads sees the name first.
  std::atomic_ref(slot_->since_ms).store(base::monotonic_ms(), std::memory_order_release);
}

void CallMark::leave() {
  std::atomic_ref(slot_->since_ms).store(0, std::memory_order_release);
}

}  // namespace dragoman::plugin
