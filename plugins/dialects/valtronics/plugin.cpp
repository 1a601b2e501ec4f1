// SPDX-License-Identifier: Apache-2.0
// The valtronics dialect: channels of an IoT platform with filters, fed by the topics of its devices.
#include <algorithm>
#include <dragoman/sdk.hpp>
#include <map>
#include <optional>
#include <utility>

#include "backend.hpp"
#include "common/clock.hpp"
#include "device_directory.hpp"
#include "endpoint.hpp"
#include "session.hpp"
#include "settings_schema.hpp"

namespace valtronics {

class Dialect {
 public:
  static constexpr const char* name = "valtronics";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = valtronics::settings_schema;
  using Session = valtronics::Session;
  struct Request {};

  explicit Dialect(sdk::Host host) : host_(host), directory_(host, shard_.settings) {}

  void configure(const sdk::Config& config) {
    const Settings& settings = shard_.settings = parse_settings(config.settings(), config.limits());
    if (!settings.devices_upstream.empty() && !sdk::Upstreams(host_).known(settings.devices_upstream))
      throw sdk::ConfigError("settings.devices_upstream names \"" + settings.devices_upstream +
                             "\", but there is no such upstream; add it under upstreams");
    shard_.devices = DeviceTable(settings.devices);
    shard_.connections = ConnectionCount::of_mount(std::string(config.mount()));
    if (settings.dashboard_compat) shard_.states = DeviceStates(settings.max_tracked_devices);
    if (config.home()) backend_.emplace(settings, [connections = shard_.connections] { return connections->value(); });
    invalid_ = host_.counter("events_invalid", "Bus events that are not of the platform");
    host_.feed(settings.channel, "#");
    for (const std::string_view path : websocket_paths) websocket_route(path);
    if (settings.dashboard_compat) websocket_route("/ws/{}");
  }

  unsigned upgrade(const sdk::Open& open, std::string& text) const {
    if (!shard_.settings.handshake_token) return 0;
    if (const auto identity = open.identity()) {
      if (!read_rights(identity->claims(), false).refresh_token) return 0;
      text = refresh_token_refusal;
      return 401;
    }
    text = bearer_token(open.header("Authorization").value_or(""));
    if (text.empty()) text = query_token(open.query());
    return text.empty() ? 0 : DGM_UPGRADE_AUTHENTICATE;
  }

  void open(sdk::Client client, Session& session, const sdk::Open& open) { session.open(client, shard_, open); }
  void message(sdk::Client, Session& session, sdk::Opcode opcode, std::string_view text) {
    session.message(opcode, text);
  }
  void limited(sdk::Client, Session& session) { session.limited(); }
  void identity(sdk::Client, Session& session, const sdk::Identity& identity, sdk::IdentityChange why) {
    session.identity_changed(identity, why);
  }

  // Routes need it, but all of them open sessions.
  void request(sdk::HttpCall call, Request&, const sdk::HttpRequest&) { call.respond(404, ""); }

  void map(const sdk::Event& event) {
    if (!held_.empty()) return hold(event);
    if (shard_.settings.devices_upstream.empty() || !backend_->unknown_device(event.key()))
      return publish(event.key(), event.body(), event.id(), event.time_ms());
    // Only the first events wait for numbers: later ones of new devices go out under their codes meanwhile.
    const bool asks = directory_.ask([this](const auto* devices) {
      if (devices) backend_->learn(*devices);
      listed_ = true;
      release();
    });
    if (asks && !listed_)
      hold(event);
    else
      publish(event.key(), event.body(), event.id(), event.time_ms());
  }

  void observe(const sdk::Event& event) {
    if (event.channel() == dashboard_states && shard_.settings.dashboard_compat) {
      DeviceState& state = shard_.states.touch(std::string(event.key()));
      state.status = event.attribute(status_attribute).value_or("");
      state.last_seen = event.attribute(last_seen_attribute).value_or("");
    }
    if (shard_.samplers && !ticking_) tick();
  }

  void select(const sdk::Event& event, std::span<const dgm_subscription> subscriptions,
              std::span<std::uint64_t> variants) {
    masks_.clear();
    const auto channel = channel_of(event.channel(), false);
    if (!channel) return;  // for dashboards, all of which get the same
    Facts facts{event.key(), event.attribute(severity_attribute).value_or(""),
                event.attribute(alert_type_attribute).value_or(""), event.attribute(status_attribute).value_or("")};
    const MetricMessage message = metrics_of(event);
    if (has_metrics(*channel)) facts.metrics = &message;
    KeptEvent kept(message);
    for (std::size_t i = 0; i < subscriptions.size(); ++i)
      variants[i] = choose(subscriptions[i], *channel, event.sequence(), facts, kept);
  }

  bool encode(const sdk::Event& event, std::uint64_t variant, sdk::Writer& out) {
    const auto channel = channel_of(event.channel(), false);
    if (channel && !has_metrics(*channel)) out.keep();
    if (variant == 0) {
      out.append(event.body());
      return true;
    }
    const auto chosen = std::find_if(masks_.begin(), masks_.end(), [&](const auto& m) { return m.second == variant; });
    if (chosen == masks_.end()) return false;
    const MetricMessage message = metrics_of(event);
    out.append(message.head());
    bool first = true;
    for (std::size_t i = 0; i < message.size(); ++i) {
      if (!chosen->first[i]) continue;
      if (!first) out.append(",");
      first = false;
      out.append(message.member(i));
    }
    out.append(message.tail());
    return true;
  }

 private:
  struct Incoming {
    std::string key, body, id;
    std::int64_t time_ms;
  };
  static constexpr std::size_t most_held_bytes = 16 << 20;

  void publish(std::string_view key, std::string_view body, std::string_view id, std::int64_t time_ms) {
    made_.clear();
    if (!backend_->take(key, body, time_ms, made_)) {
      invalid_.add();
      host_.log(sdk::LogLevel::debug, "bus event dropped: topic or payload not understood");
      return;
    }
    for (const Made& made : made_) {
      sdk::NewEvent out(made.channel, made.key, made.body);
      out.id(id).time(time_ms);
      for (const auto& attribute : made.attributes) out.attribute(attribute.first, attribute.second);
      out.emit(host_);
    }
  }

  void hold(const sdk::Event& event) {
    held_bytes_ += event.key().size() + event.body().size();
    held_.push_back({std::string(event.key()), std::string(event.body()), std::string(event.id()), event.time_ms()});
    if (held_bytes_ > most_held_bytes) release();
  }

  void release() {
    held_bytes_ = 0;
    for (const Incoming& in : std::exchange(held_, {})) publish(in.key, in.body, in.id, in.time_ms);
  }

  // No interval is shorter, so that one that begins after tick() does not end before the next.
  static constexpr std::int64_t longest_tick_ms = 1000;

  void websocket_route(std::string_view path) {
    host_.websocket_route(path);
    host_.websocket_route(std::string(path) + "/");
  }

  static MetricMessage metrics_of(const sdk::Event& event) {
    return {event.body(), event.attribute(places_attribute).value_or("")};
  }

  // Most of those who watch much do not want this event: their sessions are not even touched, which would cost more
  // than all the rest.
  std::uint64_t choose(const dgm_subscription& subscription, Channel channel, std::uint64_t sequence,
                       const Facts& facts, KeptEvent& kept) {
    Plan& plan = Session::plan_of(subscription);
    if (!plan.judged(sequence)) {
      const Verdict& verdict = plan.judge(sequence, facts);
      plan.variant = !verdict.wanted ? DGM_VARIANT_SKIP : facts.metrics ? variant_of(verdict.now) : 0;
    }
    const Verdict& verdict = plan.verdict();
    if (plan.variant == DGM_VARIANT_SKIP && verdict.delayed.empty()) return DGM_VARIANT_SKIP;
    auto& session = *static_cast<Session*>(subscription.state);
    if (!session.delivering()) return DGM_VARIANT_SKIP;
    if (verdict.delayed.empty()) return plan.variant;
    Sampler& sampler = *session.sampler(channel);
    const Mask now = sampler.take(verdict, facts.device, kept, dialects::steady_ms());
    shard_.schedule.update(sampler);
    return none(now) ? DGM_VARIANT_SKIP : variant_of(now);
  }

  std::uint64_t variant_of(const Mask& mask) {
    return all(mask) ? 0 : masks_.emplace(mask, masks_.size() + 1).first->second;
  }

  // Timers cannot be started where intervals begin, in select().
  void tick() {
    const std::int64_t now = dialects::steady_ms();
    const std::int64_t left = shard_.schedule.next().value_or(now + longest_tick_ms) - now;
    const auto delay = static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 0, longest_tick_ms));
    ticking_ = sdk::Client(host_, 0).after(delay, [this](dgm_status status) {
      ticking_ = false;
      if (status != DGM_OK) return;
      shard_.schedule.run(dialects::steady_ms(), [this](dgm_session session, const std::string& text) {
        sdk::Client(host_, session).send(text);
      });
      if (shard_.schedule.next()) tick();
    }) != 0;
  }

  sdk::Host host_;
  Shard shard_;
  std::optional<Backend> backend_;  // on the home shard
  DeviceDirectory directory_;
  bool listed_ = false;         // the devices, or that failed
  std::vector<Incoming> held_;  // until then
  std::size_t held_bytes_ = 0;
  std::vector<Made> made_;
  std::map<Mask, std::uint64_t> masks_;  // variants of the event in select()
  bool ticking_ = false;
  sdk::Counter invalid_;
};

}  // namespace valtronics

DRAGOMAN_DIALECT(valtronics::Dialect)
