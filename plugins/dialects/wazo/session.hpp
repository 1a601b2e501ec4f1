// SPDX-License-Identifier: Apache-2.0
// One client: from the upgrade to its subscriptions (wazo digest sections 3 to 6).
#pragma once
#include <dragoman/sdk.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "acl.hpp"
#include "protocol.hpp"
#include "scope.hpp"
#include "settings.hpp"

namespace wazo {

namespace sdk = dragoman::sdk;

// ACLs that come out the same are one object, so that select() judges each only once per event.
class AclPool {
 public:
  std::shared_ptr<const Acl> get(const sdk::Identity& identity);

 private:
  std::map<std::string, std::weak_ptr<const Acl>> known_;
  std::size_t sweep_at_ = 64;
};

// What the sessions of one instance share.
struct Common {
  Settings settings;
  AclPool acls;
};

class Session {
 public:
  static constexpr std::uint64_t variant_v1 = 1, variant_v2 = 2;
  static constexpr std::uint32_t auth_timeout_ms = 10000;  // wazo digest 3.1

  void open(sdk::Client client, Common& common, const sdk::Open& open);
  void message(sdk::Client client, sdk::Opcode opcode, std::string_view text);
  void identity_changed(sdk::Client client, const sdk::Identity& identity, sdk::IdentityChange why);
  void bus_lost(sdk::Client client);

  // Read and written by select().
  bool started() const { return started_; }
  const Acl* acl() const { return acl_.get(); }
  // In headers mode, once it has begun.
  const Scope* scope() const { return scope_.get(); }
  std::uint64_t last_event = 0;  // its sequence: at most one copy of an event per connection

 private:
  void authenticate(sdk::Client client, std::string_view token, bool renewal);
  void accepted(sdk::Client client, const sdk::Identity& identity, bool renewal);
  bool take(const sdk::Identity& identity);
  void subscribe(sdk::Client client, const std::string& event_name);
  void reply(sdk::Client client, std::string_view op);

  Common* common_ = nullptr;
  std::shared_ptr<const Acl> acl_;
  std::unique_ptr<const Scope> scope_;
  std::vector<std::string> names_;  // subscribed to, but for "*"
  Version version_ = Version::v1;
  bool all_names_ = false;
  bool started_ = false;
};

}  // namespace wazo
