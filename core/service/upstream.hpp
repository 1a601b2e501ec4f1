// SPDX-License-Identifier: Apache-2.0
// One upstream on one shard: its rules, its connections, and what is counted about it. One thread: its loop's; the
// figures are read on any.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/counter.hpp"
#include "net/http_client.hpp"
#include "service/upstream_rules.hpp"

namespace dragoman::service {

enum class UpstreamOutcome : std::uint8_t {
  status_2xx,
  status_3xx,
  status_4xx,
  status_5xx,
  unavailable,
  timeout,
  too_large,
  canceled,
  invalid,
  denied,
  queue_full
};
constexpr std::size_t upstream_outcomes = static_cast<std::size_t>(UpstreamOutcome::queue_full) + 1;
const char* name(UpstreamOutcome outcome);

class Upstream {
 public:
  enum class Started { ok, invalid, denied, queue_full };
  using Done = net::HttpClient::Done;

  // tls: null for http and for static answers. The loop outlives it.
  Upstream(std::shared_ptr<const UpstreamRules> rules, net::Loop& loop, std::shared_ptr<net::TlsClient> tls);

  // request.target: the path below the upstream's own. After ok `number` is for cancel(), and done comes exactly once
  // unless it is canceled, later, on the loop.
  Started start(net::HttpFetch request, Done done, std::uint64_t& number);
  void cancel(std::uint64_t number);

  const std::string& name() const { return rules_->config().name; }
  // At a time; more than these wait.
  std::size_t most_requests() const { return rules_->config().connections; }
  const base::Counter& count(UpstreamOutcome outcome) const { return counts_[static_cast<std::size_t>(outcome)]; }
  // Spent by requests that were answered or failed.
  const base::Counter& milliseconds() const { return milliseconds_; }
  // Null for static answers.
  const net::HttpClientCounters* connections() const { return client_ ? &client_->counters() : nullptr; }

 private:
  void add(UpstreamOutcome outcome) { counts_[static_cast<std::size_t>(outcome)].add(); }
  // A failure is logged, at most one a second.
  void ended(net::FetchStatus status, unsigned http_status, std::int64_t began_ms, const std::string& why);

  std::shared_ptr<const UpstreamRules> rules_;
  net::Loop& loop_;
  std::optional<net::HttpClient> client_;
  std::array<base::Counter, upstream_outcomes> counts_;
  base::Counter milliseconds_;
  std::int64_t quiet_until_ms_ = 0;  // monotonic
};

}  // namespace dragoman::service
