// SPDX-License-Identifier: Apache-2.0
// Frames of the envelope dialect (honeytrap digest section 9): one object with sorted keys and a newline. Not
// thread-safe where an object has state.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record.hpp"
#include "settings.hpp"

namespace honeytrap {

// Two capital letters.
using CountryCode = std::array<char, 2>;
std::optional<CountryCode> country_code(std::string_view text);

// start_ms: Unix time at which the server started.
std::string metadata_frame(const Release& release, std::int64_t start_ms);

struct FlatEvent {
  std::string json;  // sorted keys
  std::optional<CountryCode> country;
};
// A stored event as the page reads it. source-ip, source-port, destination-ip and destination-port are made from
// hostAddr and localAddr where they are missing. The country is that of the database, else the one the event came with.
// Nothing: the event is a heartbeat or no JSON object.
std::optional<FlatEvent> flatten(std::string_view stored, std::optional<CountryCode> country);

// flat: FlatEvent::json.
std::string event_frame(std::string_view flat);

// The newest events, for a client that comes new.
class RecentEvents {
 public:
  static constexpr std::size_t most = 1001;            // events, as in the source
  static constexpr std::size_t most_bytes = 16 << 20;  // of text; the newest event stays whatever its size
  void add(std::string flat);
  // Oldest first.
  std::string frame() const;

 private:
  std::deque<std::string> events_;
  std::size_t bytes_ = 0;
};

class HotCountries {
 public:
  static constexpr std::size_t most = 300;  // more than there are; further ones are not counted
  void count(CountryCode code, std::int64_t time_ms);
  // In the order of first sight.
  std::string frame() const;

 private:
  struct Entry {
    CountryCode code;
    std::uint64_t count;
    std::int64_t last_ms;
  };
  std::vector<Entry> entries_;
};

}  // namespace honeytrap
