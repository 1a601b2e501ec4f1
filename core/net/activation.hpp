// SPDX-License-Identifier: Apache-2.0
// Sockets that a supervisor has opened for this process, as systemd does: sd_listen_fds(3).
#pragma once
#include <string>

namespace dragoman::net {

// Another descriptor of the one listening stream socket with this name (FileDescriptorName= of its unit); the caller
// owns it. Throws std::runtime_error with a sentence. Any thread; the environment is read at the first call.
int activated_socket(const std::string& name);

}  // namespace dragoman::net
