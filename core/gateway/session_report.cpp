// SPDX-License-Identifier: Apache-2.0
#include "gateway/session_report.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

namespace dragoman::gateway {

boost::json::object to_json(const SessionReport& report) {
  boost::json::object out{{"session", fmt::format("{:x}", report.session)},
                          {"shard", report.shard},
                          {"user", report.user},
                          {"account", report.account},
                          {"subscriptions", report.subscriptions},
                          {"queued_bytes", report.queued_bytes}};
  if (report.draining) out["draining"] = true;
  if (report.id.empty()) return out;
  out["id"] = report.id;
  out["group"] = report.group;
  boost::system::error_code failure;
  boost::json::value data = boost::json::parse(report.data, failure);
  out["data"] = failure ? boost::json::value(report.data) : std::move(data);
  return out;
}

}  // namespace dragoman::gateway
