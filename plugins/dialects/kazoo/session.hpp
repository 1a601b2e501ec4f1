// SPDX-License-Identifier: Apache-2.0
// One client (kazoo digest sections 2 to 5, 9 and 10).
#pragma once
#include <cstdint>
#include <dragoman/sdk.hpp>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "account_access.hpp"
#include "bindings.hpp"
#include "months.hpp"
#include "patterns.hpp"
#include "protocol.hpp"
#include "settings.hpp"
#include "token_bucket.hpp"

namespace kazoo {

class Session;

// What the sessions of a shard have in common.
struct Shard {
  explicit Shard(sdk::Host host) : access(host, settings), crossbar(host), registry(host) {}
  Settings settings;
  AccountAccess access;
  sdk::Upstreams crossbar;
  sdk::Registry registry;
  PatternPool patterns;
  Months months;
  std::set<Session*> sessions;
};

class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  void open(sdk::Client client, Shard& shard, const sdk::Open& open);
  void message(sdk::Opcode opcode, std::string_view text);
  // A message was left out.
  void limited();
  void identity_changed(const sdk::Identity& identity, sdk::IdentityChange why);
  // The months of the shard are others than before.
  void months_changed();

 private:
  struct Live {
    std::shared_ptr<Pattern> pattern;
    std::uint64_t subscription;
  };
  struct Subscribed {
    std::string account;
    Binding binding;
    std::string shown, realm;
    std::vector<Live> live;
  };
  using Place = std::list<Subscribed>::iterator;
  // A message on its way.
  struct Work {
    ClientMessage message;
    std::string account;
    std::vector<Binding> bindings;
    bool waited = false;  // for an answer; the client is paused
  };

  // session.cpp
  void authenticate();
  void validate();
  void wait();
  void succeed(const std::string& data);
  void fail(std::string_view error);
  void finish();
  void expect_more();
  void tunnel();
  void register_socket();

  // session_bindings.cpp
  bool read_bindings();
  void subscribe(const std::string& realm);
  void unsubscribe();
  bool listen(Subscribed& entry);
  void drop(Place place);
  std::vector<std::string> subscribed() const;

  std::optional<sdk::Client> client_;
  Shard* shard_ = nullptr;
  std::string id_, source_;
  std::int64_t connected_s_ = 0;  // Gregorian
  TokenBucket bucket_;
  std::unique_ptr<Work> work_;

  std::string account_;                         // empty: not authenticated
  std::string token_;                           // for a Crossbar
  std::string last_data_;                       // of the last success, if unknown actions need it
  std::string listed_;                          // what the registry has
  std::optional<std::string> name_, metadata_;  // JSON
  std::list<Subscribed> subscribed_;            // in the order in which clients are shown them
  std::unordered_map<std::string, Place> places_;
};

}  // namespace kazoo
