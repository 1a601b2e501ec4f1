// SPDX-License-Identifier: Apache-2.0
// Whether a file may become code of this process: only root and the process's own user may be able to change it.
#pragma once
#include <string>

namespace dragoman::plugin {

// Empty: trusted. Otherwise what is wrong and how to mend it, without the final stop. `path` must be absolute and
// without links. Control thread.
std::string distrust(const std::string& path);

}  // namespace dragoman::plugin
