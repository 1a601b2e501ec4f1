// SPDX-License-Identifier: Apache-2.0
// GET /events and GET /sessions (honeytrap digest section 7).
#pragma once
#include <dragoman/sdk.hpp>
#include <memory>
#include <string>

#include "http_query.hpp"
#include "parted_text.hpp"
#include "settings.hpp"
#include "stored_events.hpp"

namespace honeytrap {

class EventsRequest {
 public:
  void open(sdk::HttpCall call, const sdk::HttpRequest& request, const Settings& settings);
  void writable();

 private:
  std::unique_ptr<EventScan> scan_;
  std::unique_ptr<PartedText> out_;
  bool any_ = false, ended_ = false;
};

}  // namespace honeytrap
