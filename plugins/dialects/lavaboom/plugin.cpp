// SPDX-License-Identifier: Apache-2.0
// The dialect lavaboom: HTTP requests through one connection, and the events of an account.
#include <dragoman/sdk.hpp>
#include <optional>

#include "events.hpp"
#include "lookup.hpp"
#include "proxy.hpp"
#include "session.hpp"
#include "settings_schema.hpp"
#include "writer.hpp"

namespace lavaboom {

class Dialect {
 public:
  static constexpr const char* name = "lavaboom";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = lavaboom::settings_schema;
  using Session = lavaboom::Session;
  struct Request {};

  explicit Dialect(sdk::Host host) : host_(host) {}

  void configure(const sdk::Config& config) {
    settings_ = parse_settings(config.settings());
    if (!sdk::Upstreams(host_).known(settings_.upstream))
      throw sdk::ConfigError("settings.upstream names \"" + settings_.upstream +
                             "\", but there is no such upstream; add it under upstreams");
    incomplete_ = settings_.channel + "/incomplete";
    invalid_ = host_.counter("events_invalid", "Bus events that are no events of an account");
    host_.feed(settings_.channel, "#");
    if (settings_.proxy_other_paths) {
      host_.route("*", "/{*}");
      // With SockJS the endpoint answers there; without it this is where sessions are opened.
      host_.websocket_route(settings_.sockjs_prefix);
    }
    lookup_.emplace(host_, settings_, subscribers_);
  }

  void open(sdk::Client client, Session& session, const sdk::Open& open) {
    session.open(client, open, settings_, subscribers_);
  }
  void message(sdk::Client client, Session& session, sdk::Opcode, std::string_view text) {
    session.message(client, text);
  }
  void identity(sdk::Client, Session& session, const sdk::Identity& identity, sdk::IdentityChange why) {
    session.identity_changed(identity, why);
  }
  void writable(sdk::Client, Session& session) { session.writable(); }
  void close(sdk::Client, Session& session, std::uint16_t, std::string_view) { session.close(); }

  void request(sdk::HttpCall call, Request&, const sdk::HttpRequest& request) {
    pass_to_upstream(call, request, settings_);
  }

  // The account is the key that sessions subscribe to, the message the body.
  void map(const sdk::Event& event) {
    const auto parsed = parse_queue_message(event.key(), event.body());
    if (!parsed) {
      invalid_.add();
      return;
    }
    if (parsed->name || !settings_.lookup_names) {
      if (!parsed->name) return;
      const std::string text = event_message(*parsed, settings_.minimal_events);
      sdk::NewEvent(settings_.channel, parsed->owner, text).like(event).emit(host_);
      return;
    }
    // A shard that has sessions of the account completes it.
    sdk::NewEvent(incomplete_, event.key(), event.body()).like(event).emit(host_);
  }

  void observe(const sdk::Event& event) {
    if (event.channel() != incomplete_) return;
    auto parsed = parse_queue_message(event.key(), event.body());
    if (parsed && subscribers_.find(parsed->owner)) lookup_->complete(std::move(*parsed));
  }

 private:
  sdk::Host host_;
  Settings settings_;
  std::string incomplete_;
  Subscribers subscribers_;
  std::optional<Lookup> lookup_;
  sdk::Counter invalid_;
};

}  // namespace lavaboom

DRAGOMAN_DIALECT(lavaboom::Dialect)
