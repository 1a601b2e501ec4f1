// SPDX-License-Identifier: Apache-2.0
// What the envelope dialect tells its clients: the state of the server for who comes new, then each event (honeytrap
// digest section 9). One object per shard; every shard hears of every event.
#pragma once
#include <deque>
#include <dragoman/sdk.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "country.hpp"
#include "envelope.hpp"
#include "parted_text.hpp"
#include "settings.hpp"
#include "stored_events.hpp"

namespace honeytrap {

struct EnvelopeClient {
  explicit EnvelopeClient(sdk::Client c)
      : client(c), out([c](std::string_view part, bool first, bool last) {
          return c.send_part(sdk::Opcode::text, part, first, last);
        }) {}
  void writable();
  sdk::Client client;
  PartedText out;
};

class EnvelopeState {
 public:
  EnvelopeState(sdk::Host host, const Settings& settings, const CountryDatabase* countries, std::int64_t start_ms);

  // Reads the newest events from the journal, if there is one.
  void load();
  void open(const std::shared_ptr<EnvelopeClient>& client);
  // An event that was emitted; body: FlatEvent::json.
  void observe(const sdk::Event& event);
  std::string countries_frame() const { return hot_.frame(); }

 private:
  struct Seen {
    std::string id, flat;
    std::optional<CountryCode> country;
    std::int64_t time_ms;
  };
  void add(const Seen& event);
  void loaded();
  void greet(EnvelopeClient& client);

  sdk::Host host_;
  const Settings& settings_;
  const CountryDatabase* countries_;
  std::int64_t start_ms_;
  RecentEvents recent_;
  HotCountries hot_;
  // While the journal is read: what was stored is here, newest first, and what happens meanwhile waits.
  bool loading_ = false;
  std::uint64_t before_ = 0;
  std::size_t read_ = 0;
  std::deque<Seen> stored_;
  std::vector<Seen> meanwhile_;
  std::vector<std::weak_ptr<EnvelopeClient>> waiting_;
};

}  // namespace honeytrap
