// SPDX-License-Identifier: Apache-2.0
// What the kernel says about another process. Both functions throw std::runtime_error when it is gone or may not be
// read.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace dragoman::bench {

// Time on a processor of all threads, user and system, in seconds. Nanoseconds fine where the kernel keeps schedstat,
// else in clock ticks.
double cpu_seconds(pid_t process);

// Pages that this process has written (Private_Dirty of smaps_rollup), in bytes: user space alone, without socket
// buffers and without its own code.
std::int64_t private_bytes(pid_t process);

}  // namespace dragoman::bench
