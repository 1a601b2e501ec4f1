// SPDX-License-Identifier: Apache-2.0
// HTTP beside the SockJS endpoint, passed to the upstream: clients have one base URL for both (lavaboom digest
// section 8, row 20).
#pragma once
#include <dragoman/sdk.hpp>

#include "settings.hpp"

namespace lavaboom {

void pass_to_upstream(dragoman::sdk::HttpCall call, const dragoman::sdk::HttpRequest& request,
                      const Settings& settings);

}  // namespace lavaboom
