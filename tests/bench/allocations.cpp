// SPDX-License-Identifier: Apache-2.0
// Counts the allocations of the program it is preloaded into (LD_PRELOAD). operator new of libstdc++ ends in malloc and
// aligned_alloc, so it is counted there, once. The total goes as decimal text to the file named by
// DRAGOMAN_ALLOCATIONS_FILE, at exit and at each SIGUSR2. glibc only.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): glibc's own names.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier)
}

namespace {

std::atomic<std::uint64_t> total{0};
const char* file_name = nullptr;

void count() {
  total.fetch_add(1, std::memory_order_relaxed);
}

// Runs in a signal handler: only async-signal-safe calls.
void write_total() {
  if (file_name == nullptr) return;
  char text[24];
  char* begin = text + sizeof text;
  *--begin = '\n';
  std::uint64_t rest = total.load(std::memory_order_relaxed);
  do {
    *--begin = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  const int file = open(file_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return;
  const std::size_t size = static_cast<std::size_t>(text + sizeof text - begin);
  [[maybe_unused]] const ssize_t written = write(file, begin, size);
  close(file);
}

void on_signal(int) {
  const int saved = errno;
  write_total();
  errno = saved;
}

__attribute__((constructor)) void begin_counting() {
  file_name = std::getenv("DRAGOMAN_ALLOCATIONS_FILE");
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &action, nullptr);
}

__attribute__((destructor)) void end_counting() {
  write_total();
}

}  // namespace

extern "C" {

// How the gateway leaves, without destructors.
__attribute__((visibility("default"), noreturn)) void _exit(int code) {
  write_total();
  for (;;) syscall(SYS_exit_group, code);
}

__attribute__((visibility("default"))) void* malloc(std::size_t size) noexcept {
  count();
  return __libc_malloc(size);
}

__attribute__((visibility("default"))) void* calloc(std::size_t number, std::size_t size) noexcept {
  count();
  return __libc_calloc(number, size);
}

__attribute__((visibility("default"))) void* realloc(void* memory, std::size_t size) noexcept {
  count();
  return __libc_realloc(memory, size);
}

__attribute__((visibility("default"))) void* memalign(std::size_t alignment, std::size_t size) noexcept {
  count();
  return __libc_memalign(alignment, size);
}

__attribute__((visibility("default"))) void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  count();
  return __libc_memalign(alignment, size);
}

__attribute__((visibility("default"))) int posix_memalign(void** memory, std::size_t alignment,
                                                          std::size_t size) noexcept {
  count();
  void* const result = __libc_memalign(alignment, size);
  if (result == nullptr) return ENOMEM;
  *memory = result;
  return 0;
}
}
