// SPDX-License-Identifier: Apache-2.0
#include "load_body.hpp"

#include <charconv>
#include <cstdio>

namespace dragoman::bench {
namespace {

class PlainBody final : public EventBody {
 public:
  explicit PlainBody(std::size_t bytes)
      : prefix_(R"({"name": "bench", "required_acl": "events.bench", "data": ")"), suffix_("\"}") {
    const std::size_t fixed = prefix_.size() + 8 + suffix_.size();
    if (bytes > fixed) suffix_.insert(0, bytes - fixed, 'x');
  }

  // "data" begins with the sequence number in eight hexadecimal digits.
  std::string text(std::uint32_t sequence) const override {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(sequence));
    return prefix_ + digits + suffix_;
  }

  bool read(std::string_view text, std::uint32_t& sequence) const override {
    if (text.size() != prefix_.size() + 8 + suffix_.size()) return false;
    if (text.substr(0, prefix_.size()) != prefix_ || text.substr(prefix_.size() + 8) != suffix_) return false;
    const char* const digits = text.data() + prefix_.size();
    const auto [end, error] = std::from_chars(digits, digits + 8, sequence, 16);
    return error == std::errc() && end == digits + 8;
  }

 private:
  std::string prefix_, suffix_;
};

class TelemetryBody final : public EventBody {
 public:
  TelemetryBody(std::uint32_t groups, std::uint32_t devices) : groups_(groups), devices_(devices) {}

  std::string text(std::uint32_t sequence) const override {
    return R"({"timestamp":"2026-01-01T12:00:00Z","metrics":[{"name":"temperature","value":23.5,"unit":"°C"},{"name":"m)" +
           std::to_string(sequence % groups_) + R"(","value":)" + std::to_string(sequence) +
           R"(,"unit":"%"},{"name":"pressure","value":1013,"unit":"hPa"}]})";
  }

  std::string relayed(std::uint32_t sequence) const override {
    return std::to_string(sequence % groups_) + " " + head(sequence) + std::to_string(sequence) + std::string(kTail);
  }

  bool read(std::string_view text, std::uint32_t& sequence) const override {
    constexpr std::string_view kValue = R"({"value":)";
    const std::size_t at = text.find(kValue);
    if (at == std::string_view::npos) return false;
    const char* const digits = text.data() + at + kValue.size();
    const auto [end, error] = std::from_chars(digits, text.data() + text.size(), sequence);
    return error == std::errc() && text.substr(static_cast<std::size_t>(end - text.data())) == kTail &&
           text.substr(0, at + kValue.size()) == head(sequence);
  }

 private:
  static constexpr std::string_view kTail = R"(,"unit":"%","timestamp":"2026-01-01T12:00:00Z"}}})";

  std::string head(std::uint32_t sequence) const {
    return R"({"type":"telemetry_update","channel":"telemetry","device_id":)" + std::to_string(sequence % devices_) +
           R"(,"telemetry":{"m)" + std::to_string(sequence % groups_) + R"(":{"value":)";
  }

  std::uint32_t groups_, devices_;
};

}  // namespace

std::unique_ptr<EventBody> make_body(const Options& options) {
  if (options.devices > 0) return std::make_unique<TelemetryBody>(options.groups, options.devices);
  return std::make_unique<PlainBody>(options.bytes);
}

}  // namespace dragoman::bench
