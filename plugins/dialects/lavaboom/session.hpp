// SPDX-License-Identifier: Apache-2.0
// One client: tunnelled requests in their order, and the subscription to one account (lavaboom digest sections 5 and
// 6).
#pragma once
#include <dragoman/sdk.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "protocol.hpp"
#include "request_queue.hpp"
#include "settings.hpp"

namespace lavaboom {

namespace sdk = dragoman::sdk;

class Session;

// The subscribed sessions of one shard, by account: their tokens complete events.
class Subscribers {
 public:
  void add(const std::string& owner, Session& session) { by_owner_[owner].insert(&session); }
  void remove(const std::string& owner, Session& session);
  const std::set<Session*>* find(const std::string& owner) const;

 private:
  std::unordered_map<std::string, std::set<Session*>> by_owner_;
};

class Session {
 public:
  void open(sdk::Client client, const sdk::Open& open, const Settings& settings, Subscribers& subscribers);
  void message(sdk::Client client, std::string_view text);
  void identity_changed(const sdk::Identity& identity, sdk::IdentityChange why);
  void writable();
  void close();

  const std::string& token() const { return token_; }
  const sdk::Client& client() const { return *client_; }

 private:
  using Job = std::variant<Request, Refused>;

  void handle(Request&& request) { enqueue(std::move(request)); }
  void handle(Refused&& refused) { enqueue(std::move(refused)); }
  void handle(const Subscribe& subscribe);
  void handle(const Unsubscribe&);
  void handle(const Unknown& unknown);
  void handle(const Invalid&);
  void enqueue(Job&& job);
  void run();
  void forward(const std::shared_ptr<const Request>& request);
  // False: the answer is too large.
  bool pass_on(const Request& request, const sdk::Fetched& answer);
  void check_upstream(const std::string& token);
  void check_authenticator(const std::string& token);
  void accepted(const std::string& token, const std::string& owner, std::optional<std::int64_t> until_ms);
  void refused();
  void drop_subscription();
  void reply(std::string_view text);
  // False: too large for the client's queue, nothing was sent.
  bool send(std::string_view text);

  std::optional<sdk::Client> client_;
  const Settings* settings_ = nullptr;
  Subscribers* subscribers_ = nullptr;
  std::string peer_;
  std::optional<RequestQueue<Job>> queue_;
  std::string owner_, token_;  // of the subscription; owner_ empty: none
  std::uint64_t subscription_ = 0;
  dgm_op expiry_ = 0;
  bool behind_ = false;  // the client reads more slowly than it asks
};

}  // namespace lavaboom
