// SPDX-License-Identifier: Apache-2.0
// A dialect of which there are two editions, to be upgraded from one to the other. Each session gets all events of the
// channel "news", as "EDITION:BODY", and its own messages back, as "EDITION echo MESSAGE".
#include <dragoman/sdk.hpp>

#include <string>

namespace sdk = dragoman::sdk;

namespace {

// In each edition another, unless the two share what is theirs.
inline const char* edition() {
  static const char* const mine = EDITION;
  return mine;
}

}  // namespace

struct Edition {
  static constexpr const char* name = "edition";
  static constexpr const char* version = EDITION ".0.0";
  static constexpr const char* settings_schema = R"({"type": "object", "additionalProperties": false})";
  struct Session {};

  explicit Edition(sdk::Host) {}
  void open(sdk::Client client, Session&, const sdk::Open&) { client.subscribe("news", "#", false); }
  void message(sdk::Client client, Session&, sdk::Opcode opcode, std::string_view message) {
    client.send(opcode, std::string(edition()) + " echo " + std::string(message));
  }
  bool encode(const sdk::Event& event, std::uint64_t, sdk::Writer& out) {
    out.append(edition()).append(":").append(event.body());
    return true;
  }
};

DRAGOMAN_DIALECT(Edition)
