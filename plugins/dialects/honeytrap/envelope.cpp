// SPDX-License-Identifier: Apache-2.0
#include "envelope.hpp"

#include <algorithm>

#include "common/json_string.hpp"
#include "common/rfc3339.hpp"
#include "json_text.hpp"

namespace honeytrap {

using dialects::append_json_string;
using dialects::quote;
using dialects::read_string;

namespace {

constexpr std::string_view head = R"({"data":)";

std::string tail(std::string_view type) {
  return std::string(R"(,"type":")").append(type).append("\"}\n");
}

std::string_view view(const CountryCode& code) {
  return {code.data(), code.size()};
}

// Members with their values; what was made here has to be kept somewhere.
class Flat {
 public:
  explicit Flat(std::vector<Member> members) : members_(std::move(members)) {}

  std::string text(std::string_view key) {
    const Member* member = find(key);
    return member ? read_string(member->value).value_or(std::string()) : std::string();
  }

  void set(std::string_view key, std::string json) {
    const std::string_view value = made_.emplace_back(std::move(json));
    if (Member* member = find(key)) {
      member->value = value;
    } else {
      members_.push_back({std::string(key), value});
    }
  }

  void add_address(std::string_view from, std::string_view ip_key, std::string_view port_key) {
    const std::string address = text(from);
    const HostPort parts = split_address(address);
    if (parts.host.empty() || find(ip_key)) return;
    set(ip_key, quote(parts.host));
    if (!parts.port.empty() && !find(port_key)) set(port_key, std::string(parts.port));
  }

  std::string sorted() {
    std::sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
    std::string out = "{";
    for (const Member& member : members_) {
      if (out.size() > 1) out += ',';
      append_json_string(out, member.key);
      out.append(":").append(member.value);
    }
    return out + '}';
  }

 private:
  Member* find(std::string_view key) {
    const auto found = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.key == key; });
    return found == members_.end() ? nullptr : &*found;
  }

  std::vector<Member> members_;
  std::deque<std::string> made_;
};

}  // namespace

std::optional<CountryCode> country_code(std::string_view text) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() != 2 || !capital(text[0]) || !capital(text[1])) return std::nullopt;
  return CountryCode{text[0], text[1]};
}

std::string metadata_frame(const Release& release, std::int64_t start_ms) {
  std::string out(head);
  out.append(R"({"commitid":)").append(quote(release.commitid));
  out.append(R"(,"release_tag":)").append(quote(release.release_tag));
  out.append(R"(,"shortcommitid":)").append(quote(release.shortcommitid));
  out.append(R"(,"start":")").append(dialects::format_rfc3339(start_ms, dialects::Fraction::always));
  out.append(R"(","version":)").append(quote(release.version));
  return out.append("}").append(tail("metadata"));
}

std::optional<FlatEvent> flatten(std::string_view stored, std::optional<CountryCode> country) {
  static constexpr std::string_view country_key = "source.country.isocode";
  auto members = read_members(stored);
  if (!members) return std::nullopt;
  Flat flat(std::move(*members));
  if (flat.text("category") == "heartbeat") return std::nullopt;
  flat.add_address("hostAddr", "source-ip", "source-port");
  flat.add_address("localAddr", "destination-ip", "destination-port");
  if (country) {
    flat.set(country_key, quote(view(*country)));
  } else {
    country = country_code(flat.text(country_key));
  }
  return FlatEvent{flat.sorted(), country};
}

std::string event_frame(std::string_view flat) {
  return std::string(head).append(flat).append(tail("event"));
}

void RecentEvents::add(std::string flat) {
  bytes_ += flat.size();
  events_.push_back(std::move(flat));
  while (events_.size() > most || (bytes_ > most_bytes && events_.size() > 1)) {
    bytes_ -= events_.front().size();
    events_.pop_front();
  }
}

std::string RecentEvents::frame() const {
  std::string out(head);
  out.reserve(bytes_ + events_.size() + 32);
  out += '[';
  for (const std::string& event : events_) {
    if (out.back() != '[') out += ',';
    out += event;
  }
  return out.append("]").append(tail("events"));
}

void HotCountries::count(CountryCode code, std::int64_t time_ms) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.code == code; });
  if (found != entries_.end()) {
    ++found->count;
    found->last_ms = time_ms;
  } else if (entries_.size() < most) {
    entries_.push_back({code, 1, time_ms});
  }
}

std::string HotCountries::frame() const {
  std::string out(head);
  out += '[';
  for (const Entry& entry : entries_) {
    if (out.back() != '[') out += ',';
    out.append(R"({"count":)").append(std::to_string(entry.count));
    out.append(R"(,"isocode":")").append(view(entry.code));
    out.append(R"(","last":")")
        .append(dialects::format_rfc3339(entry.last_ms, dialects::Fraction::always))
        .append("\"}");
  }
  return out.append("]").append(tail("hot_countries"));
}

}  // namespace honeytrap
