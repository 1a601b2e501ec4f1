// SPDX-License-Identifier: Apache-2.0
// The kazoo dialect: events of a telephone platform's message bus for web pages, and an HTTP API that tells who
// listens to what. Channels of the bus are exchanges, keys are routing keys.
#include <dragoman/sdk.hpp>
#include <optional>

#include "api.hpp"
#include "common/clock.hpp"
#include "event_body.hpp"
#include "session.hpp"
#include "settings_schema.hpp"
#include "socket_question.hpp"

namespace kazoo {

class Dialect {
 public:
  static constexpr const char* name = "kazoo";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = kazoo::settings_schema;
  // Only what Crossbars ask: events go to their subscribers as they are.
  static constexpr bool map_feeds = true;
  using Session = kazoo::Session;
  using Request = ApiRequest;

  explicit Dialect(sdk::Host host) : host_(host), shard_(host) {}

  void configure(const sdk::Config& config) {
    const Settings& settings = shard_.settings = parse_settings(config.settings());
    if (!settings.crossbar.empty() && !shard_.crossbar.known(settings.crossbar))
      throw sdk::ConfigError("settings.crossbar names \"" + settings.crossbar +
                             "\", but there is no such upstream; add it under upstreams");
    invalid_ =
        host_.counter("events_invalid", "Bus events that are no JSON objects, or no questions that can be answered");
    for (const std::string_view exchange : exchanges_of(settings.bindings)) host_.channel(exchange);
    if (settings.answer_crossbar) host_.feed(question_exchange, question_key);
    host_.websocket_route("/{*}");
    ApiRequest::declare_routes(host_);
  }

  unsigned upgrade(const sdk::Open& open, std::string& why) const {
    if (shard_.settings.allow_subprotocol || !open.header("Sec-WebSocket-Protocol")) return 0;
    why = "no subprotocol is spoken here";
    return 400;
  }

  void open(sdk::Client client, Session& session, const sdk::Open& open) {
    watch_months();
    session.open(client, shard_, open);
  }
  void message(sdk::Client, Session& session, sdk::Opcode opcode, std::string_view text) {
    session.message(opcode, text);
  }
  void limited(sdk::Client, Session& session) { session.limited(); }
  void identity(sdk::Client, Session& session, const sdk::Identity& identity, sdk::IdentityChange why) {
    session.identity_changed(identity, why);
  }

  void request(sdk::HttpCall call, Request& state, const sdk::HttpRequest& request) {
    state.open(call, shard_, request);
  }

  void map(const sdk::Event& event) {
    if (auto question = parse_socket_question(event.body()))
      answer_socket_question(host_, shard_.registry, std::move(*question));
    else
      invalid_.add();
  }

  void select(const sdk::Event& event, std::span<const dgm_subscription> subscriptions,
              std::span<std::uint64_t> variants) {
    heads_.clear();
    tail_.clear();
    const auto facts = read_event(event.body());
    if (!facts) {
      invalid_.add();
      std::fill(variants.begin(), variants.end(), DGM_VARIANT_SKIP);
      return;
    }
    tail_ = event_tail(*facts, event.channel() == "callevt" ? call_routing_key(*facts) : std::string(event.key()));
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
      auto& pattern = *reinterpret_cast<Pattern*>(static_cast<std::uintptr_t>(subscriptions[i].cookie));
      if (pattern.sequence != event.sequence()) {
        pattern.sequence = event.sequence();
        pattern.variant = DGM_VARIANT_SKIP;
        if (pattern.lets_through(*facts)) {
          pattern.variant = heads_.size();
          heads_.push_back(pattern.head);
        }
      }
      variants[i] = pattern.variant;
    }
  }

  bool encode(const sdk::Event&, std::uint64_t variant, sdk::Writer& out) {
    if (variant >= heads_.size()) return false;
    out.append(*heads_[variant]).append(tail_);
    return true;
  }

 private:
  void watch_months() {
    if (watching_months_) return;
    if (shard_.months.look(dialects::unix_ms() / 1000))
      for (Session* session : shard_.sessions) session->months_changed();
    watching_months_ = sdk::Client(host_, 0).after(look_again_ms, [this](dgm_status status) {
      watching_months_ = false;
      if (status == DGM_OK && !shard_.sessions.empty()) watch_months();
    }) != 0;
  }
  static constexpr std::uint32_t look_again_ms = 60'000;

  sdk::Host host_;
  Shard shard_;
  sdk::Counter invalid_;
  bool watching_months_ = false;
  // Of the event in select().
  std::vector<std::shared_ptr<const std::string>> heads_;
  std::string tail_;
};

}  // namespace kazoo

DRAGOMAN_DIALECT(kazoo::Dialect)
