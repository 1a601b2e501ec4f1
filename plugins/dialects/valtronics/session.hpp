// SPDX-License-Identifier: Apache-2.0
// One client (valtronics digest sections 2 to 6 and 9).
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <dragoman/sdk.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection_count.hpp"
#include "device.hpp"
#include "device_states.hpp"
#include "permissions.hpp"
#include "plan.hpp"
#include "protocol.hpp"
#include "rate_excess.hpp"
#include "sampler.hpp"
#include "settings.hpp"

namespace valtronics {

namespace sdk = dragoman::sdk;

// What the sessions of a shard have in common.
struct Shard {
  Settings settings;
  DeviceTable devices;
  PlanPool plans;
  SamplerSchedule schedule;
  std::size_t samplers = 0;
  DeviceStates states{1};  // for dashboards only
  std::shared_ptr<ConnectionCount> connections;
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

  // Read by select().
  bool delivering() const { return !expired_ && (authenticated_ || !shard_->settings.auth_required); }
  // Of a subscription to one of the four channels.
  static Plan& plan_of(const dgm_subscription& s) { return *reinterpret_cast<Plan*>(s.cookie); }
  Sampler* sampler(Channel channel) const { return channels_[index_of(channel)].sampler.get(); }

 private:
  enum class AuthVerdict { accepted, refused, too_many_connections, undecided };
  static AuthVerdict auth_verdict(dgm_status status);

  struct Subscribed {
    std::vector<Subscription> subscriptions;  // sorted
    std::shared_ptr<Plan> plan;               // null: there are none
    std::unique_ptr<Sampler> sampler;         // null: nothing is delayed
    std::vector<std::uint64_t> interests;     // the plan is their cookie
  };

  // session.cpp
  void run();
  void execute(Command& command);
  void answer(const Problem& problem);
  void end(std::uint16_t code, std::string_view reason);
  dgm_op after(std::chrono::milliseconds delay, std::function<void()> done);
  void stop(dgm_op& timer);
  void beat(std::chrono::milliseconds interval);
  void open_dashboard(const std::string& device);
  void dashboard_message(std::string_view text);
  void leave_dashboard();
  bool watch(const std::string& device);

  // session_auth.cpp
  void expect_authentication();
  void authenticate(const std::string& token);
  void authenticated(dgm_status status, const sdk::Identity* identity, std::string_view why);
  void accept(const sdk::Identity& identity, Rights rights);
  void refuse(std::string_view text);
  void watch_expiry();
  void expire(std::string_view text);

  // session_subscriptions.cpp
  void begin();
  void subscribe(Channel channel, Subscription subscription);
  void unsubscribe(Channel channel, const Values& devices);
  void add(Channel channel, Subscription subscription);
  void drop(Channel channel);
  bool subscribed(Channel channel) const { return channels_[index_of(channel)].plan != nullptr; }
  void apply(Channel channel);
  void update_sampler(Subscribed& at);
  void update_interests(Channel channel);
  std::size_t subscription_count() const;

  std::optional<sdk::Client> client_;
  Shard* shard_ = nullptr;
  std::optional<Channel> fixed_;
  bool ending_ = false;
  RateExcess excess_;
  std::list<Command> waiting_;  // nearly always empty: a deque would keep 600 bytes for that

  bool authenticating_ = false, authenticated_ = false, expired_ = false;
  unsigned failures_ = 0;  // in a row
  std::string user_;
  Rights rights_;
  std::int64_t expires_ms_ = 0;  // Unix time, 0: never
  dgm_op auth_timer_ = 0, expiry_timer_ = 0, grace_timer_ = 0, defaults_timer_ = 0;
  bool beating_ = false;

  std::array<Subscribed, channels.size()> channels_;
  bool automatic_ = false;  // the subscription of a dedicated endpoint is still the one made without asking
  bool asked_ = false;      // for a subscription

  bool dashboard_ = false;
  std::uint64_t dashboard_interest_ = 0;
  std::map<std::string, std::uint64_t> watched_;  // devices
};

}  // namespace valtronics
