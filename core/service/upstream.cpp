// SPDX-License-Identifier: Apache-2.0
#include "service/upstream.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"

namespace dragoman::service {
namespace {

net::HttpOrigin server_of(const config::UpstreamConfig& config, std::shared_ptr<net::TlsClient> tls) {
  net::HttpOrigin out;
  out.host = config.url->host;
  out.port = config.url->port;
  out.authority = config.url->authority();
  out.tls = std::move(tls);
  out.connect_timeout_ms = config.connect_timeout_ms;
  out.timeout_ms = config.timeout_ms;
  out.idle_ms = config.idle_ms;
  out.connections = config.connections;
  out.queue = config.queue;
  out.max_body = config.max_body;
  return out;
}

UpstreamOutcome outcome_of(net::FetchStatus status, unsigned http_status) {
  switch (status) {
    case net::FetchStatus::ok:
      break;
    case net::FetchStatus::unavailable:
      return UpstreamOutcome::unavailable;
    case net::FetchStatus::timeout:
      return UpstreamOutcome::timeout;
    case net::FetchStatus::too_large:
      return UpstreamOutcome::too_large;
  }
  return http_status < 300   ? UpstreamOutcome::status_2xx
         : http_status < 400 ? UpstreamOutcome::status_3xx
         : http_status < 500 ? UpstreamOutcome::status_4xx
                             : UpstreamOutcome::status_5xx;
}

}  // namespace

const char* name(UpstreamOutcome outcome) {
  static constexpr std::array<const char*, upstream_outcomes> names = {
      "2xx", "3xx", "4xx", "5xx", "unavailable", "timeout", "too_large", "canceled", "invalid", "denied", "queue_full"};
  return names[static_cast<std::size_t>(outcome)];
}

Upstream::Upstream(std::shared_ptr<const UpstreamRules> rules, net::Loop& loop, std::shared_ptr<net::TlsClient> tls)
    : rules_(std::move(rules)), loop_(loop) {
  if (rules_->config().url) client_.emplace(loop, server_of(rules_->config(), std::move(tls)));
}

void Upstream::ended(net::FetchStatus status, unsigned http_status, std::int64_t began_ms, const std::string& why) {
  const std::int64_t now = base::monotonic_ms();
  add(outcome_of(status, http_status));
  milliseconds_.add(static_cast<std::uint64_t>(now - began_ms));
  if (status == net::FetchStatus::ok || now < quiet_until_ms_) return;
  quiet_until_ms_ = now + 1000;
  base::log(base::LogLevel::warn, "upstream failed", {{"upstream", name()}, {"why", why}});
}

Upstream::Started Upstream::start(net::HttpFetch request, Done done, std::uint64_t& number) {
  number = 0;
  UpstreamVerdict verdict = rules_->judge(request.method, request.target);
  if (!UpstreamRules::valid_headers(request.headers)) verdict = UpstreamVerdict::invalid;
  if (verdict != UpstreamVerdict::allowed) {
    const bool invalid = verdict == UpstreamVerdict::invalid;
    add(invalid ? UpstreamOutcome::invalid : UpstreamOutcome::denied);
    return invalid ? Started::invalid : Started::denied;
  }
  auto answered = [this, began_ms = base::monotonic_ms(), done = std::move(done)](
                      net::FetchStatus status, net::HttpAnswer answer, const std::string& why) {
    ended(status, answer.status, began_ms, why);
    rules_->clean_answer(answer.headers);
    done(status, std::move(answer), why);
  };
  if (!client_) {
    loop_.post([answered = std::move(answered), answer = rules_->static_answer(request.method, request.target)] {
      answered(net::FetchStatus::ok, answer, {});
    });
    return Started::ok;
  }
  rules_->prepare_request(request.headers);
  request.target = rules_->config().url->base + request.target;
  number = client_->fetch(std::move(request), std::move(answered));
  if (number) return Started::ok;
  add(UpstreamOutcome::queue_full);
  return Started::queue_full;
}

void Upstream::cancel(std::uint64_t number) {
  if (client_ && client_->cancel(number)) add(UpstreamOutcome::canceled);
}

}  // namespace dragoman::service
