// SPDX-License-Identifier: Apache-2.0
#include "service/jwt_authenticator.hpp"

#include "base/clock.hpp"

namespace dragoman::service {
namespace {

using jwt::Outcome;

constexpr std::size_t cached_tokens = 16'384, cached_bytes = 16 << 20;
// A few seconds of work for one thread.
constexpr std::size_t most_verifications = 16'384;

bool is_hmac(const jwt::Token& token) {
  return jwt::facts(token.algorithm).family == jwt::Family::hmac;
}

}  // namespace

JwtAuthenticator::JwtAuthenticator(std::string name, config::JwtConfig config, jwt::Timing timing)
    : name_(std::move(name)),
      config_(std::move(config)),
      keys_(name_, config_.keys, timing),
      cache_(cached_tokens, cached_bytes),
      pool_(most_verifications) {}

void JwtAuthenticator::start(net::Loop& loop, jwt::KeyStore::Fetch fetch, unsigned threads) {
  pool_.start(threads);
  keys_.start(loop, std::move(fetch));
}

void JwtAuthenticator::stop() {
  keys_.stop();
  pool_.stop();
}

void JwtAuthenticator::authenticate(std::string_view credential, Done done) {
  if (credential.size() > jwt::largest_token) return finish(done, jwt::refusal(Outcome::malformed));
  const jwt::TokenHash hash = jwt::hash_token(credential);
  if (IdentityPtr identity = cache_.find(hash, keys_.keys()->generation)) {
    if (identity->expires_ms && identity->expires_ms <= base::unix_ms())
      return finish(done, jwt::refusal(Outcome::expired));
    return finish(done, {Outcome::accepted, {}, std::move(identity)});
  }
  auto parsed = jwt::parse_token(credential);
  if (const Outcome* outcome = std::get_if<Outcome>(&parsed)) return finish(done, jwt::refusal(*outcome));
  judge(std::make_shared<Attempt>(Attempt{hash, std::move(std::get<jwt::Token>(parsed)), std::move(done)}));
}

void JwtAuthenticator::judge(const AttemptPtr& attempt) {
  const jwt::KeySetPtr keys = keys_.keys();
  if (is_hmac(attempt->token)) return verify(attempt, keys);
  const bool posted = pool_.post([this, attempt, keys](bool stopped) {
    if (stopped)
      finish(attempt->done, jwt::refusal(Outcome::unavailable));
    else
      verify(attempt, keys);
  });
  if (!posted) finish(attempt->done, jwt::refusal(Outcome::unavailable));
}

void JwtAuthenticator::verify(const AttemptPtr& attempt, const jwt::KeySetPtr& keys) {
  const Outcome outcome = jwt::verify(attempt->token, *keys);
  if (outcome == Outcome::accepted) {
    jwt::Verdict verdict = jwt::judge_claims(config_, std::move(attempt->token.payload), base::unix_ms());
    if (verdict.identity) cache_.put(attempt->hash, keys->generation, verdict.identity);
    return finish(attempt->done, verdict);
  }
  // The key may be among those that have not been seen yet.
  const bool named = jwt::names_key(attempt->token, *keys);
  const bool missing = !named && (attempt->token.key_id || !keys->complete);
  if (!missing) return finish(attempt->done, jwt::refusal(outcome));
  keys_.look_again(keys->generation, [this, attempt, outcome, keys] {
    if (keys_.keys()->generation != keys->generation)
      judge(attempt);
    else
      finish(attempt->done, jwt::refusal(keys->complete ? outcome : Outcome::unavailable));
  });
}

void JwtAuthenticator::finish(const Done& done, const jwt::Verdict& verdict) {
  counts_[static_cast<std::size_t>(verdict.outcome)].fetch_add(1, std::memory_order_relaxed);
  done(verdict.outcome == Outcome::accepted      ? AuthStatus::accepted
       : verdict.outcome == Outcome::unavailable ? AuthStatus::unavailable
                                                 : AuthStatus::denied,
       verdict.identity, verdict.why);
}

std::vector<AuthCount> JwtAuthenticator::counts() const {
  std::vector<AuthCount> out;
  for (std::size_t i = 0; i < jwt::outcomes; ++i)
    out.push_back({jwt::name(static_cast<Outcome>(i)), counts_[i].load(std::memory_order_relaxed)});
  return out;
}

}  // namespace dragoman::service
