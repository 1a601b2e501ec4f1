// SPDX-License-Identifier: Apache-2.0
// The dialect honeytrap: dashboards of a honeypot, and the honeypots that feed them.
#include <dragoman/sdk.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <variant>

#include "api_client.hpp"
#include "api_requests.hpp"
#include "common/clock.hpp"
#include "envelope_client.hpp"
#include "ingest.hpp"
#include "settings_schema.hpp"

namespace honeytrap {

class Dialect {
 public:
  static constexpr const char* name = "honeytrap";
  static constexpr const char* version = "0.1.0";
  static constexpr const char* settings_schema = honeytrap::settings_schema;
  struct Session {
    std::variant<std::monostate, ApiClient, std::shared_ptr<EnvelopeClient>, RavenClient> client;
  };
  struct Request {
    EventsRequest events;
  };

  explicit Dialect(sdk::Host host) : host_(host), journal_(host) {}

  void configure(const sdk::Config& config) {
    settings_ = parse_settings(config.settings());
    classifier_ = Classifier(settings_.sessions);
    if (api() && !journal_)
      throw sdk::ConfigError("the dialect honeytrap keeps what it is told of; name a journal for the mount");
    open_countries(config.state_directory());
    invalid_ = host_.counter("events_invalid", "Bus events that are no honeytrap events");
    lost_ = host_.counter("events_not_stored", "Events that the journal did not take; their publishers were told");
    host_.feed(settings_.channel, "#");
    host_.websocket_route("/ws");
    host_.websocket_route("/raven");
    for (const char* path : {"/", "/ws"}) host_.route("GET", path);
    if (api())
      for (const char* path : {"/events", "/sessions"}) host_.route("GET", path);
    for (const char* path : {"/v1/action", "/v1/ping"}) host_.route("POST", path);
    if (!api()) envelope_.emplace(host_, settings_, countries_ ? &*countries_ : nullptr, start_ms());
  }

  void start() {
    if (envelope_) envelope_->load();
  }

  void open(sdk::Client client, Session& session, const sdk::Open& open) {
    if (open.path().ends_with("/raven"))
      session.client.emplace<RavenClient>().open(client, open, settings_, classifier_);
    else if (api())
      session.client.emplace<ApiClient>().open(client, settings_);
    else
      envelope_->open(
          session.client.emplace<std::shared_ptr<EnvelopeClient>>(std::make_shared<EnvelopeClient>(client)));
  }

  void message(sdk::Client client, Session& session, sdk::Opcode opcode, std::string_view text) {
    if (auto* dashboard = std::get_if<ApiClient>(&session.client)) return dashboard->message(client, opcode, text);
    if (auto* pusher = std::get_if<RavenClient>(&session.client)) return pusher->message(client, text);
    if (text.size() > longest_envelope_message) client.close(1009, "nothing is expected of a client");
  }

  void writable(sdk::Client client, Session& session) {
    if (auto* dashboard = std::get_if<ApiClient>(&session.client)) dashboard->writable(client);
    if (auto* page = std::get_if<std::shared_ptr<EnvelopeClient>>(&session.client)) (*page)->writable();
  }

  void request(sdk::HttpCall call, Request& state, const sdk::HttpRequest& request) {
    const std::string_view path = request.path();
    if (path == "/events" || path == "/sessions")
      state.events.open(call, request, settings_);
    else if (path == "/v1/action")
      take_action(call, request, settings_, classifier_);
    else if (path == "/v1/ping")
      take_ping(call, request, settings_);
    else if (path == "/ws")
      call.respond(400, "this path is opened as a WebSocket\n", {{"Content-Type", "text/plain; charset=utf-8"}});
    else
      call.respond(204, {});
  }
  void request_writable(sdk::HttpCall, Request& state) { state.events.writable(); }

  // Durable first, pushed second: what a client was told of can be fetched.
  void map(const sdk::Event& event) {
    std::string error;
    auto records = normalise_batch(
        event.body(),
        {classifier_, dialects::unix_ms(), settings_.lenient_json, hint_of(event), most_events(settings_)}, error);
    if (!records) {
      invalid_.add();
      host_.log(sdk::LogLevel::debug, "event dropped: " + error);
      return;
    }
    if (records->empty()) return;
    if (!journal_) return push(*records, event.id(), event.time_ms(), {});
    const RecordsToAppend rows(*records, event.id(), settings_.events_include_sessions);
    std::vector<std::size_t> sources;
    for (std::size_t i = 0; i < rows.records().size(); ++i) sources.push_back(rows.source(i));
    const dgm_status status = journal_.append(
        rows.records(),
        [this, records = std::move(*records), sources = std::move(sources), id = std::string(event.id()),
         time_ms = event.time_ms()](dgm_status stored, std::span<const std::uint8_t> seen, std::string_view) {
          if (stored != DGM_OK) return lost_.add(records.size());
          std::vector<bool> pushed(records.size());
          for (std::size_t i = 0; i < seen.size(); ++i)
            if (seen[i]) pushed[sources[i]] = true;
          push(records, id, time_ms, pushed);
        });
    if (status < 0) lost_.add();
  }

  void observe(const sdk::Event& event) {
    if (envelope_) envelope_->observe(event);
  }

  void select(const sdk::Event&, std::span<const dgm_subscription> subscriptions, std::span<std::uint64_t> variants) {
    for (std::size_t i = 0; i < subscriptions.size(); ++i)
      if (const auto* client = std::get_if<ApiClient>(&static_cast<const Session*>(subscriptions[i].state)->client))
        variants[i] = client->variant();
  }

  bool encode(const sdk::Event& event, std::uint64_t variant, sdk::Writer& out) {
    if (api()) {
      if (variant == ApiClient::variant_binary) out.opcode(sdk::Opcode::binary);
      out.append(event.body());
    } else if (event.key() == "event") {
      out.append(event_frame(event.body()));
    } else {
      out.append(envelope_->countries_frame());
    }
    return true;
  }

 private:
  static constexpr std::size_t longest_envelope_message = 512;  // bytes; digest section 9

  // The same on every shard, since a page that comes back may meet another one.
  static std::int64_t start_ms() {
    static const std::int64_t at = dialects::unix_ms();
    return at;
  }

  bool api() const { return settings_.dialect == Language::api; }

  // The publisher may say what the event is; the page of the envelope dialect makes no difference.
  std::optional<EventClass> hint_of(const sdk::Event& event) const {
    if (!api()) return EventClass::event;
    const auto given = event.attribute("class");
    if (given == "session") return EventClass::session;
    if (given == "event") return EventClass::event;
    return std::nullopt;
  }

  void open_countries(std::string_view state_directory) {
    if (settings_.geoip_database.empty()) return;
    std::string error;
    countries_ =
        CountryDatabase::open((std::filesystem::path(state_directory) / settings_.geoip_database).string(), error);
    if (!countries_) throw sdk::ConfigError("settings.geoip_database: " + error);
  }

  // pushed: records that were pushed before; empty: none.
  void push(const std::vector<Record>& records, std::string_view id, std::int64_t time_ms,
            const std::vector<bool>& pushed) {
    const auto fresh = [&](std::size_t i) { return pushed.empty() || !pushed[i]; };
    if (!api()) {
      for (std::size_t i = 0; i < records.size(); ++i)
        if (fresh(i)) push_to_page(records[i], std::string(id) + (records.size() == 1 ? "" : '/' + std::to_string(i)));
      return;
    }
    // Digest 4.5: events first, then sessions.
    for (const EventClass kind : {EventClass::event, EventClass::session}) {
      PayloadWriter writer(push_type(kind, settings_.swap_new_codes), settings_.empty_payload, settings_.event_keys);
      std::string frame;
      writer.begin(frame);
      bool any = false;
      for (std::size_t i = 0; i < records.size(); ++i) {
        const bool too = settings_.events_include_sessions && kind == EventClass::event;
        if (fresh(i) && (too || records[i].event_class == kind)) any = writer.add(frame, records[i].json) || any;
      }
      if (!any) continue;
      writer.end(frame);
      sdk::NewEvent out(settings_.channel, stream_of(kind), frame);
      out.id(id).time(time_ms).emit(host_);
    }
  }

  void push_to_page(const Record& record, const std::string& id) {
    const auto country = countries_ ? countries_->lookup(record.source_ip) : std::nullopt;
    const auto flat = flatten(record.json, country);
    if (!flat) return;
    sdk::NewEvent event(settings_.channel, "event", flat->json);
    event.id(id).time(record.time_ms);
    if (!flat->country) {
      event.emit(host_);
      return;
    }
    event.attribute("country", std::string_view(flat->country->data(), flat->country->size()));
    event.emit(host_);
    sdk::NewEvent(settings_.channel, "countries", {}).emit(host_);
  }

  sdk::Host host_;
  sdk::Journal journal_;
  Settings settings_;
  Classifier classifier_;
  std::optional<CountryDatabase> countries_;
  std::optional<EnvelopeState> envelope_;
  sdk::Counter invalid_, lost_;
};

}  // namespace honeytrap

DRAGOMAN_DIALECT(honeytrap::Dialect)
