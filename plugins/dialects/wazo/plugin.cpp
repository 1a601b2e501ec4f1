// SPDX-License-Identifier: Apache-2.0
// The wazo dialect: wazo-websocketd for its existing clients, in topic mode (the document's era, wazo digest 8.2) and
// in headers mode (8.1).
#include <dragoman/sdk.hpp>

#include "events.hpp"
#include "master_tenant.hpp"
#include "session.hpp"
#include "settings_schema.hpp"

namespace wazo {

class Dialect {
 public:
  static constexpr const char* name = "wazo";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = wazo::settings_schema;
  using Session = wazo::Session;

  explicit Dialect(sdk::Host host) : host_(host), master_(host) {}

  void configure(const sdk::Config& config) {
    common_.settings = parse_settings(config.settings());
    if (common_.settings.tls_required && config.plain_listener())
      throw sdk::ConfigError(
          "the dialect wazo is always encrypted, but a listener of this mount has no tls; give the listener tls, or "
          "set settings.tls to \"off\"");
    check_mode();
    invalid_ = host_.counter("events_invalid", "Bus events that are no wazo events");
    no_acl_ = host_.counter("events_without_acl", "Bus events without required_acl, which nobody may have");
    foreign_ = host_.counter("events_of_other_origin", "Bus events of another PBX");
    host_.feed(common_.settings.channel, "#");
  }

  void start() { master_.start(common_.settings); }

  void open(sdk::Client client, Session& session, const sdk::Open& open) { session.open(client, common_, open); }
  void message(sdk::Client client, Session& session, sdk::Opcode opcode, std::string_view text) {
    session.message(client, opcode, text);
  }
  void identity(sdk::Client client, Session& session, const sdk::Identity& identity, sdk::IdentityChange why) {
    session.identity_changed(client, identity, why);
  }
  void bus_lost(sdk::Client client, Session& session) { session.bus_lost(client); }

  // The event is read once for all sessions; its name becomes the key that they subscribe to.
  void map(const sdk::Event& event) {
    const bool headers = common_.settings.mode == Mode::headers;
    if (headers && !same(event.attribute("origin_uuid").value_or(""), common_.settings.origin_uuid))
      return foreign_.add();
    const BusEventResult read =
        headers ? read_bus_event(event.attribute("name"), event.attribute("required_acl"), event.body())
                : read_bus_event(event.body());
    if (!read.event) {
      (read.why == Unfit::no_acl ? no_acl_ : invalid_).add();
      if (read.why == Unfit::invalid)
        host_.log(sdk::LogLevel::debug, "bus event dropped: not a JSON object, or its name or required_acl is no text");
      return;
    }
    sdk::NewEvent out(common_.settings.channel, read.event->name, event.body());
    out.like(event);
    if (read.event->required_acl) out.attribute("required_acl", *read.event->required_acl);
    for (std::size_t i = 0; headers && i < event.c().attribute_count; ++i) {
      const std::string_view header = sdk::view(event.c().attributes[i].name);
      if (header == tenant_attribute || header.starts_with(user_attribute))
        out.attribute(header, sdk::view(event.c().attributes[i].value));
    }
    out.emit(host_);
  }

  void select(const sdk::Event& event, std::span<const dgm_subscription> subscriptions,
              std::span<std::uint64_t> variants) {
    decided_.clear();
    const auto required = event.attribute("required_acl");
    const std::uint64_t sequence = event.sequence();
    const auto give = [&](const auto& addressed) {
      // Sessions of one kind of token share their ACL, and neighbours often do.
      const Acl* judged = nullptr;
      bool allowed = may(judged, required);
      std::uint64_t* variant = variants.data();
      for (const dgm_subscription& subscription : subscriptions) {
        auto& session = *static_cast<Session*>(subscription.state);
        if (session.acl() != judged) [[unlikely]] {
          judged = session.acl();
          allowed = may(judged, required);
        }
        if (allowed && session.started() && session.last_event != sequence && addressed(session))
          session.last_event = sequence;
        else
          *variant = DGM_VARIANT_SKIP;
        ++variant;
      }
    };
    if (common_.settings.mode == Mode::headers) {
      const Addressees addressees(event, master_.uuid());
      give([&](const Session& session) { return session.scope() && addressees.include(*session.scope()); });
    } else {
      give([](const Session&) { return true; });
    }
  }

  bool encode(const sdk::Event& event, std::uint64_t variant, sdk::Writer& out) {
    if (variant == Session::variant_v2)
      out.append(v2_before).append(event.body()).append(v2_after);
    else
      out.append(event.body());
    return true;
  }

 private:
  void check_mode() const {
    const bool headers = common_.settings.mode == Mode::headers;
    if (headers && common_.settings.origin_uuid.empty())
      throw sdk::ConfigError("settings.origin_uuid is missing: in headers mode it says whose events count");
    if (!headers &&
        !(common_.settings.origin_uuid + common_.settings.master_tenant + common_.settings.login.upstream).empty())
      throw sdk::ConfigError("settings.origin_uuid, master_tenant and service_login have no use without mode: headers");
    if (!common_.settings.master_tenant.empty() && !common_.settings.login.upstream.empty())
      throw sdk::ConfigError("settings has both master_tenant and service_login; one of them can say who it is");
    if (!common_.settings.login.upstream.empty() && !sdk::Upstreams(host_).known(common_.settings.login.upstream))
      throw sdk::ConfigError("settings.service_login names the upstream \"" + common_.settings.login.upstream +
                             "\", but there is no such upstream; add it under upstreams");
  }

  // Out of the loop in select(), whose registers it would take.
  [[gnu::noinline]] bool may(const Acl* acl, const std::optional<std::string_view>& required) {
    if (!required) return true;
    for (const auto& [known, verdict] : decided_)
      if (known == acl) return verdict;
    const bool verdict = acl && acl->allows(*required);
    if (decided_.size() < 16) decided_.emplace_back(acl, verdict);
    return verdict;
  }

  sdk::Host host_;
  Common common_;
  MasterTenant master_;
  std::vector<std::pair<const Acl*, bool>> decided_;  // of the event in select()
  sdk::Counter invalid_, no_acl_, foreign_;
};

}  // namespace wazo

DRAGOMAN_DIALECT(wazo::Dialect)
