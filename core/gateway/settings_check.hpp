// SPDX-License-Identifier: Apache-2.0
// The plugins that a configuration file names, and their settings, when nothing can be made of the rest of the file.
#pragma once
#include "config/configuration.hpp"
#include "gateway/gateway.hpp"

namespace dragoman::gateway {

// Loads what it finds. May be called on any thread and outlive `options`.
config::FurtherCheck settings_check(const GatewayOptions& options);

}  // namespace dragoman::gateway
