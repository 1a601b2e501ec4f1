// SPDX-License-Identifier: Apache-2.0
// The wazo dialect: wazo-websocketd for its existing clients, in topic mode (the document's era, wazo digest 8.2).
#include <dragoman/sdk.hpp>

#include "events.hpp"
#include "session.hpp"
#include "settings_schema.hpp"

namespace wazo {

class Dialect {
 public:
  static constexpr const char* name = "wazo";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = wazo::settings_schema;
  using Session = wazo::Session;

  explicit Dialect(sdk::Host host) : host_(host) {}

  void configure(const sdk::Config& config) {
    settings_ = parse_settings(config.settings());
    if (settings_.tls_required && config.plain_listener())
      throw sdk::ConfigError(
          "the dialect wazo is always encrypted, but a listener of this mount has no tls; give the listener tls, or "
          "set settings.tls to \"off\"");
    invalid_ = host_.counter("events_invalid", "Bus events that are no wazo events");
    no_acl_ = host_.counter("events_without_acl", "Bus events without required_acl, which nobody may have");
    host_.feed(settings_.channel, "#");
  }

  void open(sdk::Client client, Session& session, const sdk::Open& open) {
    session.open(client, settings_, acls_, open);
  }
  void message(sdk::Client client, Session& session, sdk::Opcode opcode, std::string_view text) {
    session.message(client, opcode, text);
  }
  void identity(sdk::Client client, Session& session, const sdk::Identity& identity, sdk::IdentityChange why) {
    session.identity_changed(client, identity, why);
  }

  // The body is read once for all sessions; its name becomes the key that they subscribe to.
  void map(const sdk::Event& event) {
    const BusEventResult read = read_bus_event(event.body());
    if (!read.event) {
      (read.why == Unfit::no_acl ? no_acl_ : invalid_).add();
      if (read.why == Unfit::invalid)
        host_.log(sdk::LogLevel::debug, "bus event dropped: not a JSON object with name and required_acl");
      return;
    }
    sdk::NewEvent out(settings_.channel, read.event->name, event.body());
    out.like(event);
    if (read.event->required_acl) out.attribute("required_acl", *read.event->required_acl);
    out.emit(host_);
  }

  void select(const sdk::Event& event, std::span<const dgm_subscription> subscriptions,
              std::span<std::uint64_t> variants) {
    const auto required = event.attribute("required_acl");
    const std::uint64_t sequence = event.sequence();
    // Sessions of one kind of token share their ACL, and neighbours often do.
    const Acl* judged = nullptr;
    bool allowed = !required;
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
      auto& session = *static_cast<Session*>(subscriptions[i].state);
      if (!session.started() || session.last_event == sequence) {
        variants[i] = DGM_VARIANT_SKIP;
        continue;
      }
      if (required && session.acl() != judged) {
        judged = session.acl();
        allowed = decide(judged, *required);
      }
      if (!allowed) {
        variants[i] = DGM_VARIANT_SKIP;
        continue;
      }
      session.last_event = sequence;
    }
    decided_.clear();
  }

  bool encode(const sdk::Event& event, std::uint64_t variant, sdk::Writer& out) {
    if (variant == Session::variant_v2)
      out.append(v2_before).append(event.body()).append(v2_after);
    else
      out.append(event.body());
    return true;
  }

 private:
  bool decide(const Acl* acl, std::string_view required) {
    for (const auto& [known, verdict] : decided_)
      if (known == acl) return verdict;
    const bool verdict = acl && acl->allows(required);
    if (decided_.size() < 16) decided_.emplace_back(acl, verdict);
    return verdict;
  }

  sdk::Host host_;
  Settings settings_;
  AclPool acls_;
  std::vector<std::pair<const Acl*, bool>> decided_;  // of the event in select()
  sdk::Counter invalid_, no_acl_;
};

}  // namespace wazo

DRAGOMAN_DIALECT(wazo::Dialect)
