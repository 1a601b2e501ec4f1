// SPDX-License-Identifier: Apache-2.0
// The same dialect with the SDK.
#include <dragoman/sdk.hpp>

struct Echo {
  static constexpr const char* name = "echo";
  static constexpr const char* version = "1.0.0";
  static constexpr const char* settings_schema = R"({"type": "object", "additionalProperties": false})";
  struct Session {};

  explicit Echo(dragoman::sdk::Host) {}
  void open(dragoman::sdk::Client, Session&, const dragoman::sdk::Open&) {}
  void message(dragoman::sdk::Client client, Session&, dragoman::sdk::Opcode opcode, std::string_view message) {
    client.send(opcode, message);
  }
};

DRAGOMAN_DIALECT(Echo)
