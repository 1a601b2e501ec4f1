// SPDX-License-Identifier: Apache-2.0
#include "envelope_client.hpp"

#include "record.hpp"

namespace honeytrap {

EnvelopeState::EnvelopeState(sdk::Host host, const Settings& settings, const CountryDatabase* countries,
                             std::int64_t start_ms)
    : host_(host), settings_(settings), countries_(countries), start_ms_(start_ms) {}

void EnvelopeState::load() {
  const sdk::Journal journal(host_);
  if (!journal) return;
  loading_ = true;
  static const Classifier classifier;
  sdk::JournalQuery query;
  query.stream = events_stream;
  query.backwards = true;
  query.after = before_;
  query.limit = RecentEvents::most - read_;
  const dgm_status asked =
      journal.read(0, query, [this](dgm_status status, std::span<const dgm_record> records, std::string_view why) {
        if (status != DGM_OK) host_.log(sdk::LogLevel::warn, "the stored events cannot be read: " + std::string(why));
        for (const dgm_record& record : records) {
          before_ = record.position;
          ++read_;
          const std::string_view body = sdk::view(record.body);
          std::string error;
          const auto known = normalise(body, {classifier, record.time_ms}, error);
          const auto country = known && countries_ ? countries_->lookup(known->source_ip) : std::nullopt;
          if (auto flat = flatten(body, country))
            stored_.push_front(
                {std::string(sdk::view(record.id)), std::move(flat->json), flat->country, record.time_ms});
        }
        // The host bounds a page in bytes; 1 is the oldest position.
        if (status == DGM_OK && !records.empty() && read_ < RecentEvents::most && before_ > 1) return load();
        loaded();
      });
  if (asked < 0) loaded();
}

void EnvelopeState::loaded() {
  loading_ = false;
  std::unordered_set<std::string> ids;
  for (const Seen& event : stored_) {
    ids.insert(event.id);
    add(event);
  }
  for (const Seen& event : meanwhile_)
    if (!ids.contains(event.id)) add(event);
  stored_.clear();
  meanwhile_.clear();
  for (const auto& client : waiting_)
    if (const auto there = client.lock()) greet(*there);
  waiting_.clear();
}

void EnvelopeState::add(const Seen& event) {
  recent_.add(event.flat);
  if (event.country) hot_.count(*event.country, event.time_ms);
}

void EnvelopeState::observe(const sdk::Event& event) {
  if (event.key() != "event") return;
  Seen seen{std::string(event.id()), std::string(event.body()), country_code(event.attribute("country").value_or("")),
            event.time_ms()};
  if (loading_)
    meanwhile_.push_back(std::move(seen));
  else
    add(seen);
}

void EnvelopeState::open(const std::shared_ptr<EnvelopeClient>& client) {
  if (loading_)
    waiting_.push_back(client);
  else
    greet(*client);
}

// The events may be more than the client takes at once. What is sent while they are on their way follows them.
void EnvelopeState::greet(EnvelopeClient& client) {
  client.client.send(metadata_frame(settings_.release, start_ms_));
  client.out.text() = recent_.frame();
  client.out.flush(true);
  client.client.send(hot_.frame());
  client.client.subscribe(settings_.channel, "#", false);
}

void EnvelopeClient::writable() {
  out.writable();
  if (!out.text().empty()) out.flush(true);
}

}  // namespace honeytrap
