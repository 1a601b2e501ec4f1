// SPDX-License-Identifier: Apache-2.0
#include "service/http_authenticator.hpp"

#include <functional>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace dragoman::service {
namespace {

using http::Outcome;

constexpr std::size_t largest_token = 8192;
// Trouble of which nothing was heard for so long is not known to last.
constexpr std::int64_t trouble_lasts_ms = 60'000;

const char* sentence(Outcome outcome) {
  switch (outcome) {
    case Outcome::accepted:
      break;
    case Outcome::denied:
      return "Token is not valid";
    case Outcome::expired:
      return "Token has expired";
    case Outcome::malformed:
      return "Token is malformed";
    case Outcome::unavailable:
      return "Tokens cannot be verified at the moment";
  }
  return "";
}

http::TokenTable::Asked asked(Upstream::Started started) {
  using Asked = http::TokenTable::Asked;
  return started == Upstream::Started::ok           ? Asked::ok
         : started == Upstream::Started::queue_full ? Asked::refused
                                                    : Asked::impossible;
}

}  // namespace

HttpAuthenticator::HttpAuthenticator(std::string name, config::HttpAuthConfig config)
    : name_(std::move(name)), config_(std::move(config)) {}

void HttpAuthenticator::attach(net::Loop& loop, Upstream& upstream, std::size_t requests) {
  http::TokenTable::Environment environment;
  environment.ask = [&upstream](net::HttpFetch request, net::HttpClient::Done done) {
    std::uint64_t number = 0;
    return asked(upstream.start(std::move(request), std::move(done), number));
  };
  environment.requests = requests;
  environment.changed = [this](const CredentialChange& change) { changed_(change); };
  environment.trouble = [this](const std::string& why) { note(why); };
  shards_.push_back(std::unique_ptr<Shard>(new Shard{loop, {config_, loop, std::move(environment)}}));
}

void HttpAuthenticator::stop() {
  stopped_ = true;
  for (const auto& shard : shards_) shard->table.stop();
}

void HttpAuthenticator::authenticate(std::string_view credential, Done done) {
  if (stopped_) return finish(done, Outcome::unavailable, nullptr);
  if (credential.empty() || credential.size() > largest_token) return finish(done, Outcome::malformed, nullptr);
  Shard& shard = *shards_[std::hash<std::string_view>()(credential) % shards_.size()];
  shard.loop.post([this, &shard, token = std::string(credential), done = std::move(done)]() mutable {
    shard.table.authenticate(token, [this, done = std::move(done)](Outcome outcome, const IdentityPtr& identity) {
      finish(done, outcome, identity);
    });
  });
}

void HttpAuthenticator::finish(const Done& done, Outcome outcome, const IdentityPtr& identity) {
  counts_[static_cast<std::size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
  const bool undecided = outcome == Outcome::unavailable && !config_.outage_denies;
  done(outcome == Outcome::accepted ? AuthStatus::accepted
       : undecided                  ? AuthStatus::unavailable
                                    : AuthStatus::denied,
       identity, sentence(outcome));
}

void HttpAuthenticator::note(const std::string& why) {
  if (why.empty() && !troubled_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  if (trouble_ != why) {
    if (why.empty())
      base::log(base::LogLevel::info, "tokens can be checked again", {{"authenticator", name_}});
    else if (trouble_.empty())
      base::log(base::LogLevel::warn, "tokens cannot be checked",
                {{"authenticator", name_}, {"upstream", config_.upstream}, {"why", why}});
  }
  trouble_ = why;
  trouble_ms_ = base::monotonic_ms();
  troubled_ = !why.empty();
}

std::optional<std::string> HttpAuthenticator::trouble() const {
  const std::lock_guard lock(mutex_);
  if (trouble_.empty() || base::monotonic_ms() - trouble_ms_ > trouble_lasts_ms) return std::nullopt;
  return trouble_;
}

std::vector<AuthCount> HttpAuthenticator::counts() const {
  std::vector<AuthCount> out;
  for (std::size_t i = 0; i < http::outcomes; ++i)
    out.push_back({http::name(static_cast<Outcome>(i)), counts_[i].load(std::memory_order_relaxed)});
  return out;
}

HttpAuthFigures HttpAuthenticator::figures() const {
  HttpAuthFigures out;
  for (const auto& shard : shards_) {
    const http::TokenTableFigures& f = shard->table.figures();
    out.accepted += f.accepted.value();
    out.denied += f.denied.value();
    out.failed += f.failed.value();
    out.tokens += f.tokens.value();
    out.revoked += f.revoked.value();
  }
  return out;
}

}  // namespace dragoman::service
