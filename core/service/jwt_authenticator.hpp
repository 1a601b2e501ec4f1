// SPDX-License-Identifier: Apache-2.0
// Signed JSON Web Tokens (RFC 7519). What was verified is remembered; signatures of public keys are verified by a few
// threads of its own, so that a storm of clients does not keep the shards from their sockets.
#pragma once
#include <array>
#include <atomic>

#include "base/worker_pool.hpp"
#include "service/authenticator.hpp"
#include "service/jwt/claims.hpp"
#include "service/jwt/key_store.hpp"
#include "service/jwt/token.hpp"
#include "service/jwt/token_cache.hpp"

namespace dragoman::service {

class JwtAuthenticator final : public Authenticator {
 public:
  JwtAuthenticator(std::string name, config::JwtConfig config, jwt::Timing timing = {});

  // Reads secrets and files. Returns the numbers of the keys that are wrong, and what is.
  std::vector<std::pair<std::size_t, std::string>> load() { return keys_.load(); }
  // On the loop that key sets are fetched on, before the first authenticate().
  void start(net::Loop& loop, jwt::KeyStore::Fetch fetch, unsigned threads);
  // Before what `done` leads to ends: what waits is answered with "unavailable".
  void stop();

  void authenticate(std::string_view credential, Done done) override;
  // A token says the same as long as it lives.
  void watch(Watch) override {}
  std::vector<AuthCount> counts() const override;
  std::vector<jwt::KeyFigures> key_figures() const { return keys_.figures(); }
  const std::string& name() const { return name_; }

 private:
  struct Attempt {
    jwt::TokenHash hash;
    jwt::Token token;
    Done done;
  };
  using AttemptPtr = std::shared_ptr<Attempt>;

  void judge(const AttemptPtr& attempt);
  void verify(const AttemptPtr& attempt, const jwt::KeySetPtr& keys);
  void finish(const Done& done, const jwt::Verdict& verdict);

  const std::string name_;
  const config::JwtConfig config_;
  jwt::KeyStore keys_;
  jwt::TokenCache cache_;
  base::WorkerPool pool_;
  std::array<std::atomic<std::uint64_t>, jwt::outcomes> counts_{};
};

}  // namespace dragoman::service
