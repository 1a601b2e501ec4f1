// SPDX-License-Identifier: Apache-2.0
// Tokens that an HTTP server judges. Each shard asks about those whose hash falls to it, so that one token costs one
// request however many sessions of all shards present it.
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "service/authenticator.hpp"
#include "service/http/token_table.hpp"
#include "service/upstream.hpp"

namespace dragoman::service {

struct HttpAuthFigures {
  std::uint64_t accepted = 0, denied = 0, failed = 0, tokens = 0, revoked = 0;
};

class HttpAuthenticator final : public Authenticator {
 public:
  HttpAuthenticator(std::string name, config::HttpAuthConfig config);

  // For each shard, before the first authenticate(), while no loop runs yet. Loop and upstream outlive it.
  void attach(net::Loop& loop, Upstream& upstream, std::size_t requests);
  // When no loop runs any more: what waits is answered with "unavailable".
  void stop();

  void authenticate(std::string_view credential, Done done) override;
  void watch(Watch watch) override { changed_ = std::move(watch); }
  std::vector<AuthCount> counts() const override;
  HttpAuthFigures figures() const;
  // Why tokens cannot be checked, while that is so.
  std::optional<std::string> trouble() const;
  const std::string& name() const { return name_; }
  const std::string& upstream() const { return config_.upstream; }

 private:
  struct Shard {
    net::Loop& loop;
    http::TokenTable table;
  };
  void finish(const Done& done, http::Outcome outcome, const IdentityPtr& identity);
  void note(const std::string& why);

  const std::string name_;
  const config::HttpAuthConfig config_;
  std::vector<std::unique_ptr<Shard>> shards_;
  Watch changed_;
  std::atomic<bool> stopped_{false};
  std::array<std::atomic<std::uint64_t>, http::outcomes> counts_{};
  std::atomic<bool> troubled_{false};
  mutable std::mutex mutex_;  // of the two below
  std::string trouble_;
  std::int64_t trouble_ms_ = 0;  // monotonic, of the latest
};

}  // namespace dragoman::service
