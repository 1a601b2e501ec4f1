// SPDX-License-Identifier: Apache-2.0
#include "service/http/token_table.hpp"

#include <algorithm>
#include <random>

#include "base/clock.hpp"
#include "service/http/answer_reading.hpp"

namespace dragoman::service::http {
namespace {

// Whether sessions still hold an identity is looked at least so often.
constexpr std::int64_t look_ms = 60'000;
constexpr std::int64_t shortest_life_share_ms = 60'000, longest_life_share_ms = 12 * 3'600'000;
constexpr std::int64_t longest_retry_ms = 30'000;

}  // namespace

const char* name(Outcome outcome) {
  static constexpr const char* names[] = {"accepted", "denied", "expired", "malformed", "unavailable"};
  return names[static_cast<std::size_t>(outcome)];
}

TokenTable::Entry::Entry(TokenTable& owner, std::string_view text)
    : table(owner),
      credential(text),
      timer(
          [](void* self) {
            auto& entry = *static_cast<Entry*>(self);
            entry.table.due(entry);
          },
          this) {}

TokenTable::TokenTable(const config::HttpAuthConfig& config, net::Loop& loop, Environment environment)
    : config_(config),
      loop_(loop),
      environment_(std::move(environment)),
      first_(config.question, config.timeout_ms),
      again_(config.recheck.question ? std::make_unique<const Question>(*config.recheck.question, config.timeout_ms)
                                     : nullptr),
      random_(std::random_device{}() | 1u) {}

TokenTable::~TokenTable() = default;

void TokenTable::authenticate(std::string_view credential, Done done) {
  if (stopped_) return done(Outcome::unavailable, nullptr);
  auto found = entries_.find(credential);
  if (found == entries_.end()) {
    auto made = std::make_unique<Entry>(*this, credential);
    const std::string_view key = made->credential;
    found = entries_.emplace(key, std::move(made)).first;
    figures_.tokens.add();
  }
  Entry& entry = *found->second;
  if (entry.fresh) {
    const bool over = entry.identity && entry.identity->expires_ms && entry.identity->expires_ms <= base::unix_ms();
    if (!over && base::monotonic_ms() < entry.fresh_until_ms) return done(entry.answer, entry.identity);
    forget_answer(entry);
  }
  if (entry.waiting.empty()) entry.waiting_ms = base::monotonic_ms();
  entry.waiting.push_back(std::move(done));
  queue(entry, false);
  pump();
}

void TokenTable::stop() {
  stopped_ = true;
  for (auto& [credential, entry] : entries_) tell(*entry, Outcome::unavailable, nullptr);
}

void TokenTable::queue(Entry& entry, bool recheck) {
  if (entry.state == State::asking) return;
  // One that waits to be checked again goes to those who wait for an answer; its place is passed over.
  if (entry.state == State::queued && (recheck || !entry.recheck)) return;
  entry.state = State::queued;
  entry.recheck = recheck;
  (recheck ? rechecks_ : presented_).push_back(entry.credential);
}

void TokenTable::pump() {
  while (asking_ < environment_.requests && (!presented_.empty() || !rechecks_.empty())) {
    const bool recheck = presented_.empty();
    auto& from = recheck ? rechecks_ : presented_;
    const std::string credential = std::move(from.front());
    from.pop_front();
    const auto found = entries_.find(credential);
    if (found != entries_.end() && found->second->state == State::queued && found->second->recheck == recheck)
      ask(*found->second);
  }
}

void TokenTable::ask(Entry& entry) {
  const Question& question = entry.recheck && again_ ? *again_ : first_;
  if (!entry.recheck && base::monotonic_ms() - entry.waiting_ms > config_.timeout_ms)
    return fail(entry, "too many tokens wait to be checked");
  auto request = question.request(entry.credential);
  if (!request) return deny(entry, Outcome::malformed);
  entry.state = State::asking;
  ++asking_;
  const Asked asked = environment_.ask(
      std::move(*request),
      [this, &entry, &question](net::FetchStatus status, const net::HttpAnswer& answer, const std::string& why) {
        --asking_;
        answered(entry, question, status, answer, why);
        pump();
      });
  if (asked == Asked::ok) return;
  --asking_;
  // What the upstream's rules do not let through, such as a path that leads upwards, is nobody's token.
  if (asked == Asked::impossible) return deny(entry, Outcome::malformed);
  fail(entry, "the upstream takes no more requests");
}

void TokenTable::answered(Entry& entry, const Question& question, net::FetchStatus status,
                          const net::HttpAnswer& answer, const std::string& why) {
  if (status != net::FetchStatus::ok) return fail(entry, why);
  const Answer meaning = question.meaning(answer.status);
  if (meaning == Answer::neither) return fail(entry, "it answered with status " + std::to_string(answer.status));
  std::optional<Identity> identity;
  if (meaning == Answer::accepted && &question == &first_) {
    identity = read_answer(config_, answer.body);
    if (!identity) return fail(entry, "its answer is not what the configuration says of it");
  }
  environment_.trouble({});
  (meaning == Answer::denied ? figures_.denied : figures_.accepted).add();
  if (meaning == Answer::denied)
    deny(entry, Outcome::denied);
  else if (identity)
    accept(entry, std::move(*identity));
  else
    confirm(entry);
}

void TokenTable::accept(Entry& entry, Identity identity) {
  const std::int64_t now = base::unix_ms();
  if (identity.expires_ms && identity.expires_ms <= now) return deny(entry, Outcome::expired);
  entry.state = State::idle;
  entry.failures = 0;
  IdentityPtr before = entry.given.lock();
  IdentityPtr current = before && *before == identity ? before : std::make_shared<const Identity>(std::move(identity));
  entry.given = current;
  std::int64_t ttl_ms = config_.cache_ttl_ms;
  if (current->expires_ms) ttl_ms = std::min(ttl_ms, current->expires_ms - now);
  plan(entry, *current);
  keep(entry, Outcome::accepted, current, ttl_ms);
  // Who has asked has it already when the others are told.
  tell(entry, Outcome::accepted, current);
  if (before && before != current) environment_.changed({entry.credential, current});
  settle(entry);
}

void TokenTable::confirm(Entry& entry) {
  entry.state = State::idle;
  entry.failures = 0;
  if (const IdentityPtr held = entry.given.lock()) plan(entry, *held);
  // Those who have come meanwhile want to know more than that it is still good.
  if (!entry.waiting.empty()) return queue(entry, false);
  settle(entry);
}

void TokenTable::deny(Entry& entry, Outcome outcome) {
  entry.state = State::idle;
  tell(entry, outcome, nullptr);
  revoke(entry);
  // What cannot be asked about costs nothing the next time either.
  if (outcome != Outcome::malformed) keep(entry, outcome, nullptr, config_.cache_denied_ttl_ms);
  settle(entry);
}

void TokenTable::fail(Entry& entry, const std::string& why) {
  figures_.failed.add();
  environment_.trouble(why);
  entry.state = State::idle;
  if (entry.recheck) {
    const std::int64_t delay = std::min(std::int64_t{1000} << std::min(entry.failures++, 10u), longest_retry_ms);
    entry.recheck_ms = base::monotonic_ms() + delay;
  }
  tell(entry, Outcome::unavailable, nullptr);
  if (entry.recheck && config_.recheck.outage_ends) revoke(entry);
  settle(entry);
}

void TokenTable::tell(Entry& entry, Outcome outcome, const IdentityPtr& identity) {
  std::vector<Done> waiting;
  waiting.swap(entry.waiting);
  for (const auto& done : waiting) done(outcome, identity);
}

void TokenTable::revoke(Entry& entry) {
  forget_answer(entry);
  entry.recheck_ms = 0;
  if (entry.given.expired()) return;
  entry.given.reset();
  figures_.revoked.add();
  environment_.changed({entry.credential, nullptr});
}

void TokenTable::keep(Entry& entry, Outcome answer, IdentityPtr identity, std::int64_t ttl_ms) {
  forget_answer(entry);
  if (ttl_ms <= 0 || !config_.cache_entries) return;
  while (fresh_.size() >= config_.cache_entries) {
    Entry& oldest = *fresh_.front();
    forget_answer(oldest);
    settle(oldest);
  }
  entry.fresh = true;
  entry.answer = answer;
  entry.identity = std::move(identity);
  entry.fresh_until_ms = base::monotonic_ms() + ttl_ms;
  entry.place = fresh_.insert(fresh_.end(), &entry);
}

void TokenTable::forget_answer(Entry& entry) {
  if (!entry.fresh) return;
  entry.fresh = false;
  entry.identity.reset();
  fresh_.erase(entry.place);
}

void TokenTable::plan(Entry& entry, const Identity& identity) {
  std::int64_t wait_ms = config_.recheck.every_ms;
  if (config_.recheck.by_lifetime) {
    const std::int64_t left_ms = identity.expires_ms - base::unix_ms();
    wait_ms = identity.expires_ms ? std::clamp(left_ms / 4 * 3, shortest_life_share_ms, longest_life_share_ms)
                                  : longest_life_share_ms;
  } else if (wait_ms) {
    // Clients that came all at once are not checked all at once for ever.
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    wait_ms -= static_cast<std::int64_t>(random_ % static_cast<std::uint64_t>(wait_ms / 10 + 1));
  }
  entry.recheck_ms = wait_ms ? base::monotonic_ms() + wait_ms : 0;
}

void TokenTable::due(Entry& entry) {
  const std::int64_t now = base::monotonic_ms();
  if (entry.fresh && now >= entry.fresh_until_ms) forget_answer(entry);
  if (entry.state == State::idle && entry.recheck_ms && now >= entry.recheck_ms && !entry.given.expired()) {
    queue(entry, true);
    return pump();
  }
  settle(entry);
}

// Arms the timer for what comes next. An entry that nobody needs goes: it must not be touched afterwards.
void TokenTable::settle(Entry& entry) {
  if (entry.state != State::idle) return;
  const bool held = !entry.given.expired();
  if (!entry.fresh && !held) {
    entries_.erase(entries_.find(entry.credential));
    figures_.tokens.subtract();
    return;
  }
  const std::int64_t now = base::monotonic_ms();
  std::int64_t next = now + look_ms;
  if (entry.fresh) next = std::min(next, entry.fresh_until_ms);
  if (held && entry.recheck_ms) next = std::min(next, entry.recheck_ms);
  loop_.arm(entry.timer, std::max<std::int64_t>(next - now, 0));
}

}  // namespace dragoman::service::http
