// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include "backend.hpp"
#include "common/clock.hpp"
#include "common/utf8.hpp"
#include "dashboard.hpp"
#include "endpoint.hpp"
#include "timestamp.hpp"

namespace valtronics {
namespace {

constexpr std::chrono::milliseconds dashboard_heartbeat{30'000};

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Session::~Session() {
  if (!shard_) return;
  shard_->connections->remove();
  for (Subscribed& at : channels_) {
    at.plan.reset();
    update_sampler(at);
  }
}

void Session::open(sdk::Client client, Shard& shard, const sdk::Open& open) {
  client_ = client;
  shard_ = &shard;
  shard.connections->add();
  const Settings& settings = shard.settings;
  const Endpoint endpoint = read_endpoint(open.path());
  fixed_ = endpoint.channel;
  rights_.allowed.set();
  if (const auto identity = open.identity())
    return accept(*identity, read_rights(identity->claims(), settings.role_permissions));
  if (settings.dashboard_compat && !fixed_) return open_dashboard(endpoint.device);
  if (settings.auth_required)
    expect_authentication();
  else
    begin();
}

dgm_op Session::after(std::chrono::milliseconds delay, std::function<void()> done) {
  return client_->after(static_cast<std::uint32_t>(delay.count()), [this, done = std::move(done)](dgm_status status) {
    if (status == DGM_OK && !ending_) done();
  });
}

void Session::stop(dgm_op& timer) {
  if (timer) client_->cancel_timer(timer);
  timer = 0;
}

void Session::end(std::uint16_t code, std::string_view reason) {
  ending_ = true;
  waiting_.clear();
  client_->close(code, reason);
}

void Session::answer(const Problem& problem) {
  client_->send(error(problem, dashboard_ || shard_->settings.legacy_errors));
}

void Session::beat(std::chrono::milliseconds interval) {
  if (interval.count() == 0) return;
  beating_ = true;
  after(interval, [this, interval] {
    if (dashboard_ || delivering()) client_->send(heartbeat(format_time(dialects::unix_ms())));
    beat(interval);
  });
}

void Session::message(sdk::Opcode opcode, std::string_view text) {
  if (dashboard_) {
    dashboard_message(text);
    if (dashboard_) return;
  }
  if (opcode == sdk::Opcode::binary) {
    waiting_.emplace_back(unsupported_data());
  } else {
    bool first = true;
    for (Command& command : parse_frame(text, fixed_, shard_->settings)) {
      // The host has counted the frame; the further messages of a batch are counted here.
      if (first || client_->count_message())
        waiting_.push_back(std::move(command));
      else
        limited();
      first = false;
    }
  }
  run();
}

void Session::limited() {
  if (ending_) return;
  const auto verdict = excess_.note(dialects::steady_ms());
  if (verdict != RateExcess::Verdict::quiet) answer(rate_limit_exceeded(shard_->settings.messages_per_second));
  if (verdict == RateExcess::Verdict::close) end(1008, "too many messages per second");
}

void Session::run() {
  while (!waiting_.empty() && !authenticating_ && !ending_) {
    Command command = std::move(waiting_.front());
    waiting_.pop_front();
    execute(command);
  }
}

void Session::execute(Command& command) {
  std::visit(
      Overloaded{[this](const Auth& auth) { authenticate(auth.token); },
                 [this](const Ping& ping) { client_->send(pong(format_time(dialects::unix_ms()), ping.timestamp)); },
                 [this](Subscribe& s) {
                   if (!delivering()) return answer(not_authenticated());
                   subscribe(s.channel, std::move(s.subscription));
                 },
                 [this](const Unsubscribe& u) {
                   if (!delivering()) return answer(not_authenticated());
                   unsubscribe(u.channel, u.devices);
                 },
                 [this](const Problem& problem) {
                   answer(problem.behind_auth && !delivering() ? not_authenticated() : problem);
                 }},
      command);
}

// ---- the published dashboard

void Session::open_dashboard(const std::string& device) {
  dashboard_ = true;
  dashboard_interest_ = client_->subscribe(dashboard_feed, "#", false);
  const auto known = dialects::valid_utf8(device) ? shard_->devices.find(device) : std::nullopt;
  if (known) watch(*known);
  beat(shard_->settings.heartbeat.count() ? shard_->settings.heartbeat : dashboard_heartbeat);
}

bool Session::watch(const std::string& device) {
  if (watched_.contains(device)) return true;
  if (watched_.size() >= shard_->settings.max_subscriptions) return false;
  const std::uint64_t interest = client_->subscribe(dashboard_metrics, device, true);
  if (interest) watched_.emplace(device, interest);
  return interest != 0;
}

void Session::leave_dashboard() {
  dashboard_ = false;
  client_->unsubscribe(dashboard_interest_);
  for (const auto& [device, interest] : watched_) client_->unsubscribe(interest);
  watched_.clear();
  if (shard_->settings.auth_required) expect_authentication();
}

void Session::dashboard_message(std::string_view text) {
  using Kind = DashboardRequest::Kind;
  const DashboardRequest request = parse_dashboard_request(text, shard_->devices);
  if (request.kind == Kind::authenticate) return leave_dashboard();
  const std::string now = format_time(dialects::unix_ms());
  switch (request.kind) {
    case Kind::ping:
      client_->send(pong(now, std::nullopt));
      break;
    case Kind::subscribe:
      client_->send(watch(request.device) ? dashboard_confirmation(true, request.device)
                                          : dashboard_error("Too many subscriptions"));
      break;
    case Kind::unsubscribe:
      if (const auto found = watched_.find(request.device); found != watched_.end()) {
        client_->unsubscribe(found->second);
        watched_.erase(found);
      }
      client_->send(dashboard_confirmation(false, request.device));
      break;
    case Kind::status:
      client_->send(dashboard_status(request.device, shard_->states.find(request.device), now));
      break;
    case Kind::invalid:
      client_->send(dashboard_error("Invalid JSON format"));
      break;
    default:
      client_->send(dashboard_error("Unknown message type: " + request.type));
  }
}

}  // namespace valtronics
