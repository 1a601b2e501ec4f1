// SPDX-License-Identifier: Apache-2.0
// The tables that a plugin calls. Each function catches everything, checks domain, sizes and arguments, and hands on to
// the MountServices of its instance. The tables live as long as the program.
#pragma once
#include <dragoman/plugin.h>

namespace dragoman::plugin {

// What create() gets. dgm_host is the Instance.
const dgm_host_api& host_api();

}  // namespace dragoman::plugin
