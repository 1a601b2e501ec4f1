// SPDX-License-Identifier: Apache-2.0
// Tokens that are being asked about, that were answered a moment ago, or that sessions live by. One request at a time
// for each, however many sessions present it. One thread: its loop's.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/counter.hpp"
#include "base/timer_wheel.hpp"
#include "config/configuration.hpp"
#include "net/loop.hpp"
#include "service/authenticator.hpp"
#include "service/http/question.hpp"

namespace dragoman::service::http {

// Of a credential that was presented.
enum class Outcome : std::uint8_t { accepted, denied, expired, malformed, unavailable };
constexpr std::size_t outcomes = static_cast<std::size_t>(Outcome::unavailable) + 1;
const char* name(Outcome outcome);

struct TokenTableFigures {
  // Requests by what they said.
  base::Counter accepted, denied, failed;
  base::Counter tokens, revoked;
};

class TokenTable {
 public:
  using Done = std::function<void(Outcome, IdentityPtr)>;
  using Answered = net::HttpClient::Done;
  // impossible: no request can be like that. refused: not now.
  enum class Asked { ok, impossible, refused };
  // Sends a request. After ok the answer comes later, on the loop.
  using Ask = std::function<Asked(net::HttpFetch, Answered)>;

  struct Environment {
    Ask ask;
    std::size_t requests = 1;  // at a time
    Authenticator::Watch changed;
    std::function<void(const std::string& why)> trouble;  // empty: the server has answered
  };

  // config and loop outlive it.
  TokenTable(const config::HttpAuthConfig& config, net::Loop& loop, Environment environment);
  ~TokenTable();
  TokenTable(const TokenTable&) = delete;
  TokenTable& operator=(const TokenTable&) = delete;

  // done exactly once, perhaps inside the call; it must not call the table.
  void authenticate(std::string_view credential, Done done);
  // What waits is unavailable.
  void stop();
  // Any thread.
  const TokenTableFigures& figures() const { return figures_; }

 private:
  enum class State : std::uint8_t { idle, queued, asking };
  struct Entry {
    Entry(TokenTable& owner, std::string_view text);
    TokenTable& table;
    const std::string credential;
    State state = State::idle;
    bool recheck = false;         // nobody presented it when it was queued
    std::int64_t waiting_ms = 0;  // monotonic, since when somebody waits
    std::vector<Done> waiting;
    // What is answered without a request, until fresh_until_ms. No identity: it is denied.
    bool fresh = false;
    Outcome answer = Outcome::denied;
    IdentityPtr identity;
    std::int64_t fresh_until_ms = 0;
    std::list<Entry*>::iterator place;
    // What was given away: alive as long as a session holds it.
    std::weak_ptr<const Identity> given;
    std::int64_t recheck_ms = 0;  // 0: never
    unsigned failures = 0;
    base::Timer timer;
  };

  void queue(Entry& entry, bool recheck);
  void pump();
  void ask(Entry& entry);
  void answered(Entry& entry, const Question& question, net::FetchStatus status, const net::HttpAnswer& answer,
                const std::string& why);
  void accept(Entry& entry, Identity identity);
  void confirm(Entry& entry);
  void deny(Entry& entry, Outcome outcome);
  void fail(Entry& entry, const std::string& why);
  void tell(Entry& entry, Outcome outcome, const IdentityPtr& identity);
  void revoke(Entry& entry);
  void keep(Entry& entry, Outcome answer, IdentityPtr identity, std::int64_t ttl_ms);
  void forget_answer(Entry& entry);
  void plan(Entry& entry, const Identity& identity);
  void due(Entry& entry);
  void settle(Entry& entry);

  const config::HttpAuthConfig& config_;
  net::Loop& loop_;
  const Environment environment_;
  const Question first_;
  const std::unique_ptr<const Question> again_;                           // null: the same
  std::unordered_map<std::string_view, std::unique_ptr<Entry>> entries_;  // by their own credential
  std::list<Entry*> fresh_;                                               // the oldest first
  std::deque<std::string> presented_, rechecks_;
  std::size_t asking_ = 0;
  bool stopped_ = false;
  std::uint64_t random_;
  TokenTableFigures figures_;
};

}  // namespace dragoman::service::http
